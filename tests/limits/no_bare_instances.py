# Types whose instances only the interpreter makes refuse construction, also through object.__new__.
import sys


def g():
    yield


class S:
    __slots__ = ("a",)


kinds = [
    type(g()), type(sys._getframe()), type(len), type([].__len__), type(list.append),
    type(list.__len__), type(type.__dict__["__name__"]), type(S.a), type({}.keys()), type(iter([])),
    type(iter({})),
]
for kind in kinds:
    for make in (kind, lambda: object.__new__(kind)):
        try:
            print(kind.__name__, make())
        except TypeError as e:
            print(kind.__name__, e)
try:
    object.__new__(type(g.__code__))
except TypeError:
    print("no bare code either")
