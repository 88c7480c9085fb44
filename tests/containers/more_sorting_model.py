"""Sorting: stability, order of runs, keys, exceptions, and that no item is lost."""


def rng(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


class Key:
    """Compares by its number and counts how often."""

    count = 0

    def __init__(self, n, tag):
        self.n, self.tag = n, tag

    def __lt__(self, other):
        Key.count += 1
        return self.n < other.n


def model(items, key, reverse):
    out = []
    for x in items:
        i = len(out)
        while i > 0 and (key(out[i - 1]) < key(x) if reverse else key(x) < key(out[i - 1])):
            i -= 1
        out.insert(i, x)
    return out


r = rng(1)
for n in (0, 1, 2, 3, 10, 63, 64, 65, 200):
    for spread in (2, 10, 10**6):
        nums = [next(r) % spread for _ in range(n)]
        for shape in range(5):
            if shape == 1:
                nums = sorted(nums)
            elif shape == 2:
                nums = sorted(nums, reverse=True)
            elif shape == 3:
                nums = sorted(nums)[: n // 2] + sorted(nums)[n // 2:][::-1]
            elif shape == 4:
                nums = sorted(nums[::2]) + sorted(nums[1::2])
            for reverse in (False, True):
                pairs = [(x, i) for i, x in enumerate(nums)]
                want = model(pairs, lambda p: p[0], reverse)
                assert sorted(pairs, key=lambda p: p[0], reverse=reverse) == want
                keys = [Key(x, i) for x, i in pairs]
                keys.sort(reverse=reverse)
                assert [(k.n, k.tag) for k in keys] == want
                assert sorted(nums, reverse=reverse) == [p[0] for p in want]
                assert sorted(map(float, nums), reverse=reverse) == [p[0] for p in want]
                assert sorted(map(str, nums), reverse=reverse) == model(list(map(str, nums)), str, reverse)
                mixed = [x if i % 2 else float(x) for x, i in pairs]
                assert [*map(type, sorted(mixed, reverse=reverse))] == [
                    type(x) for x in model(mixed, lambda x: x, reverse)
                ]
                tuples = [(x % 3, str(x), [i]) for x, i in pairs]
                assert sorted(tuples, reverse=reverse) == model(tuples, lambda x: x, reverse)

Key.count = 0
keys = [Key(i, i) for i in range(1000)]
keys.sort()
print("sorted already:", Key.count)
Key.count = 0
keys.reverse()
keys.sort()
print("falling:", Key.count)
Key.count = 0
keys = [Key(next(r), 0) for i in range(1000)]
keys.sort()
print("random:", 8000 < Key.count < 9500)


class Bomb:
    left = 0

    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        Bomb.left -= 1
        if Bomb.left == 0:
            raise ValueError("boom")
        return self.n < other.n


for left in list(range(1, 60)) + [200, 500, 900]:
    bombs = [Bomb(next(r) % 50) for _ in range(150)]
    before = sorted(map(id, bombs))
    Bomb.left = left
    try:
        bombs.sort()
        print("finished", left)
    except ValueError as e:
        pass
    assert sorted(map(id, bombs)) == before


class Meddler:
    def __init__(self, n, items, what):
        self.n, self.items, self.what = n, items, what

    def __lt__(self, other):
        assert self.items == []
        self.what(self.items)
        return self.n < other.n


for what in (
    lambda l: l.append(1),
    lambda l: l.extend(range(100)),
    lambda l: l.clear(),
    lambda l: l.sort(),
    lambda l: (l.append(1), l.clear()),
):
    items = []
    items.extend(Meddler(n, items, what) for n in (3, 1, 2))
    try:
        if what(items[:0]) is None or True:
            Meddler.__lt__ = lambda self, other: (self.what(self.items), self.n < other.n)[1]
        items.sort()
        print("ok", [m.n for m in items])
    except ValueError as e:
        print(e, [m.n for m in items])

nan = float("nan")
print(len(sorted([3.0, nan, 1.0, 2.0, nan, 0.5])))
print(sorted([True, 0, 2, False, 1]), sorted([2**70, 1, -(2**70), 5]))
print(sorted(["b", "a\u0301", "\U0001f600", "\uffff", "a", ""]))
print(sorted([0.0, -0.0]), sorted([-0.0, 0.0]), sorted([1e100, -1e100, 1e-100, 3.5]))
try:
    sorted([1, "a", 2.0])
except TypeError as e:
    print(e)
try:
    [(1, "a"), (1, 2)].sort()
except TypeError as e:
    print(e)
