"""Slices of lists and tuples: every combination against a model that only uses indices."""


def picked(n, s):
    return list(range(*s.indices(n)))


bounds = [None, -9, -5, -4, -3, -1, 0, 1, 2, 3, 4, 5, 9]
steps = [None, -7, -3, -2, -1, 1, 2, 3, 7]
checked = 0
for n in (0, 1, 2, 4, 5):
    base = [str(i) for i in range(n)]
    for a in bounds:
        for b in bounds:
            for c in steps:
                s = slice(a, b, c)
                idx = picked(n, s)
                want = [base[i] for i in idx]
                assert base[s] == want, (n, s)
                assert tuple(base)[s] == tuple(want)
                assert list(range(n)[s]) == idx, (n, s)
                d = base[:]
                del d[s]
                assert d == [x for i, x in enumerate(base) if i not in idx], (n, s, d)
                new = ["n%d" % i for i in range(len(idx))]
                d = base[:]
                d[s] = new
                want = base[:]
                if c in (None, 1):
                    start, stop, _ = s.indices(n)
                    want = base[:start] + new + base[max(start, stop):]
                else:
                    for i, x in zip(idx, new):
                        want[i] = x
                assert d == want, (n, s, d)
                if c in (None, 1):
                    for extra in ([], ["x"] * 7, iter(["y", "z"]), ("p",), "qr"):
                        extra = list(extra)
                        d = base[:]
                        d[s] = extra
                        start, stop, _ = s.indices(n)
                        assert d == base[:start] + extra + base[max(start, stop):], (n, s, extra)
                checked += 1
print(checked)
