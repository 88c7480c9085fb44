"""Containers changed by the comparisons and hashes they make."""


class Eq:
    def __init__(self, h, act=None):
        self.h, self.act = h, act

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        if self.act:
            act, self.act = self.act, None
            act()
        return self is other


# A dict that is cleared, grown or replaced while a key is looked up.
for size in (1, 3, 8, 9, 40):
    for act in (
        lambda d: d.clear(),
        lambda d: d.update((100 + i, i) for i in range(50)),
        lambda d: [d.pop(k) for k in list(d)[:2]],
        lambda d: d.pop(0, None),
    ):
        d = {}
        keys = [Eq(7) for _ in range(size)]
        for k in keys:
            d[k] = 1
        keys[0].act = lambda: act(d)
        probe = Eq(7)
        assert (probe in d) is False
        keys[0].act = lambda: act(d)
        d[probe] = 5
        assert d[probe] == 5
        assert list(d).count(probe) == 1
        s = set(keys)
        keys[0].act = lambda: s.clear()
        assert probe not in s
        keys[-1].act = lambda: s.update(range(50))
        s.add(probe)
        assert probe in s

# Lists changed while they are searched, compared, counted.
class Shrink:
    def __init__(self, target):
        self.target = target

    def __eq__(self, other):
        del self.target[:]
        return False


for op in (
    lambda l, x: x in l,
    lambda l, x: l.count(x),
    lambda l, x: l == [0] * len(l),
    lambda l, x: l.index(x),
    lambda l, x: l.remove(x),
):
    l = [1, 2]
    l += [Shrink(l) for _ in range(5)]
    try:
        print(op(l, 99), len(l))
    except ValueError as e:
        print(e, len(l))


class Grow:
    def __init__(self, target):
        self.target = target

    def __repr__(self):
        if len(self.target) < 20:
            self.target.append(0)
        return "G"


l = []
l.append(Grow(l))
print(l)
print(l)


class Index:
    def __init__(self, target, n):
        self.target, self.n = target, n

    def __index__(self):
        self.target.clear()
        return self.n


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


l = [1, 2, 3]
attempt(lambda: l[Index(l, 2)])
l = [1, 2, 3]
attempt(lambda: l[Index(l, 0):Index(l, 3)])
l = [1, 2, 3]
attempt(lambda: l.__setitem__(Index(l, 1), 5))
l = [1, 2, 3]
attempt(lambda: l.__setitem__(slice(Index(l, 1), 3), [7, 8]))
print(l)
l = [1, 2, 3]
attempt(lambda: l.__delitem__(slice(Index(l, 1), 3)))
print(l)
l = [1, 2, 3]
attempt(lambda: l.insert(Index(l, 2), "x"))
print(l)
l = [1, 2, 3]
attempt(lambda: l.pop(Index(l, 2)))
l = [1, 2, 3]
attempt(lambda: l * Index(l, 3))


# Slice assignment from an iterator that changes the list.
def gen(l):
    yield 1
    l.append(99)
    yield 2


l = [0, 0, 0]
l[1:2] = gen(l)
print(l)
l = [0] * 6
attempt(lambda: l.__setitem__(slice(None, None, 2), gen(l)))
print(l)
l = [1, 2, 3]
l.extend(l)
l += l
print(l)
l[2:4] = l
print(l)
l = [1, 2]
l.extend(x for x in l if len(l) < 10)
print(l)

# Dicts changed while they are updated from themselves or by iteration.
d = {1: 2}
d.update(d)
d |= d
print(d)


class K:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        src.clear()
        return False


src = {}
dst = {K(): 1}
src = {K(): 2, 5: 6}
attempt(lambda: dst.update(src))
s = {1, 2, 3}
s -= s
print(s)
s = {1, 2, 3}
s ^= s
print(s)
s = {1, 2, 3}
s &= s
s |= s
print(s)
