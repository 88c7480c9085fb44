# enumerate, zip, map, filter, reversed.
print(list(enumerate("ab")), list(enumerate("ab", 5)), list(enumerate([], start=1)), dict(enumerate("xy")))
print(list(zip("abc", [1, 2])), list(zip()), list(zip("ab")), list(zip(*[(1, 2), (3, 4)])))
print(list(zip("ab", "cd", strict=True)))
print(list(map(len, ["a", "bb"])), list(map(lambda a, b: a + b, [1, 2, 3], [10, 20])))
print(list(map(str, range(3))), list(map(pow, [2, 3], [3, 2])))
print(list(map(lambda a, b: (a, b), "ab", "cd", strict=True)))
print(list(filter(None, [0, 1, "", "a", []])), list(filter(lambda x: x > 1, [1, 2, 3])))
print(list(filter(str.isdigit, "a1b2")))
print(list(reversed([1, 2, 3])), list(reversed("abc")), list(reversed(range(3))))
print(list(reversed({"a": 1, "b": 2})), list(reversed(())))
m = map(print, "ab")
print(type(m).__name__, iter(m) is m)
next(m)
for call in (
    "list(zip('ab', 'c', strict=True))", "list(zip('a', 'cd', strict=True))",
    "list(zip('a', 'b', 'cd', strict=True))", "list(zip('ab', 'ab', 'c', strict=True))",
    "enumerate(5)", "zip(1)", "map(len)", "map(5, [1]).__next__()", "list(map(len, [1]))", "filter(None, 5)",
    "reversed({1})", "reversed(5)", "enumerate()", "zip('a', strct=True)", "list(map(lambda a: a, 'a', 'b'))",
    "reversed(iter([]))",
):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
