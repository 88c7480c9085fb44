# A weakref that dies with its cycle never calls back.
import gc
import weakref


class Node:
    pass


gc.collect()
node = Node()
node.me = node
node.ref = weakref.ref(node, lambda r: print("never printed"))
outside = weakref.ref(node)
del node
print("before", outside() is not None)
print("collected", gc.collect() > 0)
print("after", outside())

other = Node()
other.me = other
watcher = weakref.ref(other, lambda r: print("printed, from outside the cycle"))
del other
gc.collect()
print("watcher", watcher())
