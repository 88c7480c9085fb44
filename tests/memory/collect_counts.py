# gc.collect() returns the number of unreachable objects it found.
import gc

gc.collect()


class Node:
    pass


a, b = Node(), Node()
a.other, b.other = b, a
del a, b
print("two instances", gc.collect())
loop = []
loop.append(loop)
del loop
print("list in itself", gc.collect())
me = Node()
me.me = me
del me
print("instance of itself", gc.collect())


def recursive_closure():
    def walk(n):
        return n and walk(n - 1)

    walk(2)


recursive_closure()
print("function, cell and closure tuple", gc.collect())
table = {}
table["self"] = table
del table
print("dict in itself", gc.collect())
print("nothing left", gc.collect())
