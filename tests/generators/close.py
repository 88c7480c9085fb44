# close() raises GeneratorExit at the pause and returns the generator's value.
def worker():
    try:
        while True:
            yield "working"
    except GeneratorExit:
        print("closing")
        return "result"
    finally:
        print("cleanup")


g = worker()
next(g)
print(g.close(), g.close())
print(next(g, "closed"))


def stubborn():
    try:
        yield 1
    except GeneratorExit:
        print("refusing")
        yield 2


s = stubborn()
next(s)
try:
    s.close()
except RuntimeError as e:
    print(e)
unstarted = worker()
print(unstarted.close(), next(unstarted, "never ran"))


def raising():
    try:
        yield
    finally:
        raise ValueError("in cleanup")


r = raising()
next(r)
try:
    r.close()
except ValueError as e:
    print(repr(e), type(e.__context__).__name__)
