# What is left of weak references to objects that come back from the dead.
import gc
import weakref

saved = []


class Node:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        saved.append(self)


gc.collect()
n = Node("by count")
ref = weakref.ref(n, lambda r: print("callback by count"))
del n
print("revived", saved[0].name, "weakref alive:", ref() is not None)
saved.clear()
print("dead at last", ref())

n = Node("in a ring")
n.me = n
ref = weakref.ref(n)
del n
print("collected", gc.collect())
print("revived", saved[0].name, "weakref alive:", ref() is not None)
fresh = weakref.ref(saved[0])
saved.clear()
print("collected", gc.collect(), "fresh weakref:", fresh())
