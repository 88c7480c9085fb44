# StopIteration raised inside a generator becomes RuntimeError.
def leaks():
    yield 1
    raise StopIteration("oops")


def leaks_next():
    yield next(iter([]))


for g in (leaks(), leaks_next()):
    try:
        print(list(g))
    except RuntimeError as e:
        print(e, "|", repr(e.__cause__))


def running():
    yield next(self)


self = running()
try:
    next(self)
except ValueError as e:
    print(e)


def returns_tuple():
    yield 0
    return 1, 2


g = returns_tuple()
next(g)
try:
    next(g)
except StopIteration as e:
    print(e.value, e.args)
try:
    raise StopIteration
except StopIteration as e:
    print(e.value, e.args)
