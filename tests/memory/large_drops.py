# Large structures die whole: nothing is left after gc.collect(), and finalizers inside keep their order.
import gc
import sys


class Link:
    __slots__ = ("next", "name")

    def __init__(self, next, name=None):
        self.next = next
        self.name = name


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        died.append(self.name)


def chain(n):
    head = None
    for i in range(n):
        head = Link(head, Loud(i) if i % 20000 == 0 else None)
    return head


died = []
head = chain(100000)
del head
gc.collect()
print(died)

died = []
data = [[i] for i in range(60000)]
data[0].append(Loud("first"))
data[59999].append(Loud("last"))
del data
gc.collect()
print(died)

died = []
table = {i: [i] for i in range(60000)}
table[0].append(Loud("first"))
table[59999].append(Loud("last"))
del table
gc.collect()
print(died)

before = sum(isinstance(o, Link) for o in gc.get_objects())
head = chain(50000)
died = []
del head
gc.collect()
print(before, sum(isinstance(o, Link) for o in gc.get_objects()), died)

pairs = tuple((i, str(i)) for i in range(50000))
words = {str(i) for i in range(50000)}
frozen = frozenset(words)
del pairs, words
print(len(frozen), sys.getrefcount(frozen) - 2)
