# In a dead cycle weakref callbacks come first, then every finalizer.
import gc
import weakref


class Node:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name, "weakref dead:", refs[0]() is None)


gc.collect()
a = Node("a")
a.me = a
refs = [weakref.ref(a, lambda r: print("callback"))]
del a
print("collect")
print("found", gc.collect())
print("nothing printed twice", gc.collect())
