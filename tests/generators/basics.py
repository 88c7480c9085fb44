# Generators run step by step and remember where they were.
def steps():
    print("start")
    yield 1
    print("middle")
    yield 2
    print("end")
    return "value"


g = steps()
print(type(g).__name__, g.__name__, iter(g) is g)
print(next(g))
print(next(g))
try:
    next(g)
except StopIteration as e:
    print("stop", e.value)
print(next(g, "exhausted"), list(g))
for x in steps():
    print("loop", x)


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


f = fibonacci()
print([next(f) for _ in range(15)])
a, b, *c = steps()
print(a, b, c)


def empty():
    return
    yield


print(list(empty()), sum(x for x in ()), g.gi_frame, f.gi_running)
