# A temporary object is referenced by the call's argument only.
import sys

print("list", sys.getrefcount([]))
print("dict", sys.getrefcount({}))
print("object", sys.getrefcount(object()))
print("set", sys.getrefcount({"a"}))
print("list of lists", sys.getrefcount([[], []]))
print("range", sys.getrefcount(range(3, 10)))
print("str", sys.getrefcount(str(object)))
print("bytes", sys.getrefcount(bytes(5)))


class Plain:
    pass


print("instance", sys.getrefcount(Plain()))
