# At count zero __del__ runs while weakrefs still work; callbacks follow, newest first.
import weakref


class Node:
    def __del__(self):
        print("del; weakref alive:", first() is self)


node = Node()
first = weakref.ref(node, lambda r: print("first callback, dead:", r() is None))
second = weakref.ref(node, lambda r: print("second callback"))
third = weakref.ref(node, lambda r: print("third callback"))
print("count", weakref.getweakrefcount(node))
del second
print("count", weakref.getweakrefcount(node))
del node
print("after", first(), third())
