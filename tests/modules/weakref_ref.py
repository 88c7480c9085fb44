# weakref.ref: sharing, calling, comparison, hashing, callbacks.
import weakref


class Node:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return isinstance(other, Node) and self.n == other.n

    def __hash__(self):
        return hash(self.n)


a, twin = Node(1), Node(1)
r, again, other = weakref.ref(a), weakref.ref(a), weakref.ref(twin)
print(r() is a, r is again, r == other, r is other, hash(r) == hash(1), weakref.getweakrefcount(a))
print(weakref.getweakrefs(a)[0] is r)
called = weakref.ref(a, lambda ref: print("callback", ref() is None))
print(called is r, called.__callback__ is not None, r.__callback__, weakref.getweakrefcount(a), called == r)
print(repr(r).startswith("<weakref at "), type(r) is weakref.ref, isinstance(r, weakref.ReferenceType))
del a
print(r(), r == other, r == r, hash(r) == hash(1), repr(r).endswith("dead>"))
fresh = weakref.ref(Node(5))
print(fresh())
try:
    hash(fresh)
except TypeError as e:
    print(e)


class Slots:
    __slots__ = ("x",)


class WithWeak:
    __slots__ = ("x", "__weakref__")


w = WithWeak()
print(weakref.ref(w)() is w)
for value in (1, "s", (), [], {}, None, Slots(), object(), b"", 1.5):
    try:
        weakref.ref(value)
    except TypeError as e:
        print(e)
for value in ({1}, frozenset(), len, Node, lambda: 0, (x for x in ())):
    print(type(value).__name__, weakref.ref(value)() is value)
