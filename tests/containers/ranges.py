# range: lazy, comparable, sliceable and unbounded in size.
r = range(2, 20, 3)
print(r, list(r), len(r), r[0], r[-1], r[1:3], r[::-1], 5 in r, 6 in r, r.index(8), r.count(8), r.count(9))
print(r.start, r.stop, r.step)
print(list(range(5)), list(range(5, 0, -2)), list(range(0)), list(range(3, 3)), range(0) == range(5, 5))
print(range(0, 3, 2) == range(0, 4, 2), hash(range(3)) == hash(range(0, 3)))
big = range(10**20, 10**20 + 10**6, 7)
print(len(big), big[5], big[-1], 10**20 + 7 in big, range(10**30)[10**29], 10**25 in range(10**30))
print(bool(range(10**30)), range(-5, 5)[::-3], "a" in range(3), 1.0 in range(3), 1.5 in range(3))
print(list(reversed(range(1, 8, 3))), sum(range(101)), max(range(10)), sorted(range(3), reverse=True))
print(tuple(range(2)), [*range(3)], repr(range(1, 2)), range(True), list(zip(range(3), range(10, 13))))
it = iter(range(3))
print(next(it), list(it), next(it, "end"))
for call in (
    "range()", "range(1.5)", "range('a')", "range(1, 2, 0)", "range(1, 2, 3, 4)", "r[10]", "r.index(4)",
    "r[0] = 1", "r + r", "len(range(10**20))", "range(3).start = 1", "range(3) < range(4)", "r['a']",
):
    try:
        exec(call)
        print(call, "fine")
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
