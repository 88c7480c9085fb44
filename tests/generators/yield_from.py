# yield from passes values, sends, throws and the result through.
def inner():
    try:
        got = yield "inner 1"
        print("got", got)
        yield "inner 2"
    except ValueError as e:
        print("inner handled", e)
        yield "recovered"
    finally:
        print("inner finally")
    return "inner result"


def outer():
    result = yield from inner()
    print("result", result)
    more = yield from [1, 2]
    print("more", more)
    yield from "ab"
    return "outer result"


g = outer()
print(next(g), g.send("hello"), next(g), next(g), next(g), next(g))
try:
    next(g)
except StopIteration as e:
    print(e.value)
g = outer()
next(g)
print(g.throw(ValueError("thrown")))
g.close()


def tree(node):
    if node:
        left, value, right = node
        yield from tree(left)
        yield value
        yield from tree(right)


print(list(tree(((None, 1, None), 2, ((None, 3, None), 4, None)))))
try:
    next((lambda: (yield from 5))())
except TypeError as e:
    print(e)
