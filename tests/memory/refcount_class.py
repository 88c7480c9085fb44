# A class is held by its name, its own method resolution order and its descriptors.
import sys


class C:
    pass


before = sys.getrefcount(C)
print("class", before)
instance = C()
print("each instance holds its class", sys.getrefcount(C) - before)
more = [C() for _ in range(5)]
print("six of them", sys.getrefcount(C) - before)
del instance
more.clear()
print("none", sys.getrefcount(C) - before)


class D(C):
    pass


print("a subclass holds its base", sys.getrefcount(C) > before)
