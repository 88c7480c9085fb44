"""Dicts and sets under many insertions and deletions, against a model of pairs."""


def rng(seed):
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


r = rng(7)
for span in (4, 8, 12, 50, 700):
    d, order, s, sorder = {}, [], set(), []
    for step in range(3000):
        op, k = next(r) % 10, next(r) % span
        k = [k, str(k), (k,), float(k) + 0.5][next(r) % 4]
        if op < 5:
            if k not in d:
                order.append(k)
            d[k] = step
            if k not in s:
                sorder.append(k)
            s.add(k)
        elif op < 8:
            if d.pop(k, None) is not None:
                order.remove(k)
            if k in s:
                sorder.remove(k)
            s.discard(k)
        elif op == 8 and d:
            assert d.popitem()[0] == order.pop()
        else:
            assert d.copy() == d and list(d.copy()) == order
            assert list(reversed(d)) == order[::-1]
            assert set(sorder) == s and frozenset(s) == s and s.copy() == s
        assert len(d) == len(order) and len(s) == len(sorder)
        if step % 50 == 0:
            assert list(d) == order and [*d.keys()] == order and [k for k, v in d.items()] == order
            assert sorted(map(repr, s)) == sorted(map(repr, sorder))
    print(span, len(d), len(s))

# A queue of dict keys and a work list in a set do not slow down.
d = {}
for i in range(20000):
    d[i] = i
    if i >= 10:
        del d[i - 10]
print(len(d), list(d)[0])
s = set(range(10))
seen = 0
while s and seen < 20000:
    x = s.pop()
    seen += 1
    if x < 5000:
        s.add(x + 10)
        s.add(x + 11)
print(seen > 5000, len(s))
big = {}
for i in range(70000):
    big[i] = str(i)
for i in range(0, 70000, 3):
    del big[i]
for i in range(70000):
    assert big.get(i) == (None if i % 3 == 0 else str(i))
print(len(big))
print(hash(frozenset([1, 2, 3])), hash(frozenset()), hash(frozenset(range(100))), hash(frozenset([-1, -2, 2**70, 1.5])))
print(hash((1, 2)), hash(()), hash((1, (2, 3), 2**80)), hash(range(5)), hash(range(0)), hash(slice(1, 2)))
