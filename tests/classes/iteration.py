# __iter__ and __next__, the old protocol with __getitem__, and missing protocols.
class Countdown:
    def __init__(self, start):
        self.start = start

    def __iter__(self):
        return CountdownIterator(self.start)


class CountdownIterator:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


class Squares:
    def __getitem__(self, index):
        if index > 4:
            raise IndexError(index)
        return index * index


c = Countdown(3)
print(list(c), list(c), 2 in c, 9 in c, sum(c), max(c))
it = iter(c)
print(next(it), list(it), next(it, "done"))
print(list(Squares()), 16 in Squares(), 5 in Squares(), tuple(zip(Squares(), "abc")))


class NoIter:
    pass


class BadIter:
    def __iter__(self):
        return 5


class Blocked:
    __iter__ = None

    def __getitem__(self, i):
        return i


for kind in (NoIter, BadIter, Blocked):
    try:
        iter(kind())
    except TypeError as e:
        print(e)
