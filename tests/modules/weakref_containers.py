# WeakValueDictionary, WeakKeyDictionary, WeakSet, finalize and WeakMethod.
import weakref


class Node:
    def __init__(self, n):
        self.n = n

    def method(self):
        return self.n


a, b = Node(1), Node(2)
values = weakref.WeakValueDictionary(a=a, b=b)
keys = weakref.WeakKeyDictionary()
keys[a] = "one"
keys[b] = "two"
group = weakref.WeakSet([a, b])
print(len(values), values["a"].n, "b" in values, sorted(values), len(keys), keys[b], b in keys, len(group))
print(a in group, sorted(n.n for n in group))
del a
print(len(values), list(values), values.get("a"), len(keys), list(keys.values()), len(group))
f = weakref.finalize(b, print, "finalizer ran", sep="!")
print(f.alive, f.peek()[1] is print)
m = weakref.WeakMethod(b.method)
print(m()(), m() == b.method)
del b
print(f.alive, f(), m(), len(values), len(keys), len(group))
c = Node(3)
g = weakref.finalize(c, lambda: "result")
print(g(), g.alive, g())
h = weakref.finalize(c, print, "at exit")
d = weakref.finalize(c, print, "detached, never printed")
d.detach()
print("end")
