# sum, min, max, any, all, len.
print(sum([1, 2, 3]), sum([], 5), sum([[1], [2]], []), sum(x for x in range(5)), sum([0.1] * 3))
print(sum([1, 2.5, True]), sum([1], start=10), sum([(1,), (2,)], ()))
print(max(3, 1, 2), max([3, 1]), max("abc"), max([], default="none"), max(["a", "bbb", "cc"], key=len))
print(max([1, 1.0, True]), max((2, "a"), (2, "b")), max([1, 5], [1, 4]), max({"a": 1, "b": 0}))
print(min(3, 1, 2), min("hello"), min([], default=None), min([-3, 2, 1], key=abs))
print(min(["b", "a"], key=lambda s: 0), min(iter([2, 1])))
print(any([0, "", 1]), any([]), all([1, "a"]), all([]), any(x > 2 for x in range(4)))
print(all(x > 0 for x in [1, 0]), len("abc"), len([[]]), len({1: 2}), len(range(5)))
seen = []
print(any(seen.append(x) or x == 2 for x in range(5)), seen)
for call in (
    "max()", "max([])", "min([])", "max(1)", "max(1, 2, default=3)", "sum(5)", "sum(['a'], '')",
    "sum([b'a'], b'')", "sum([1], 'a')", "any(5)", "all()", "len()", "max([1, 'a'])", "max([1], key=5)",
    "min(1, 'a')", "sum([None])", "max(1, 2, foo=1)", "len(iter([]))", "max(1, 2, key=lambda: 0)",
):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
