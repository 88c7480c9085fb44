# A cycle whose finalizer saves a member is not collected.
import gc

gc.collect()
saved = []


class Node:
    def __init__(self, name):
        self.name = name
        self.other = None

    def __del__(self):
        print("del", self.name)
        if self.name == "a":
            saved.append(self)


a, b = Node("a"), Node("b")
a.other, b.other = b, a
del a, b
print("collected", gc.collect())
print("alive again", saved[0].name, saved[0].other.name, saved[0].other.other is saved[0])
saved.clear()
print("collected now, without a second finalizer", gc.collect())
print("empty", saved)
