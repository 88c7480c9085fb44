# Shallow copies share their elements; building from iterables.
inner = [1]
for original in ([inner, 2], {"k": inner}, (inner,)):
    copy = original.copy() if hasattr(original, "copy") else tuple(list(original))
    first = original["k"] if isinstance(original, dict) else original[0]
    second = copy["k"] if isinstance(copy, dict) else copy[0]
    print(copy == original, first is second)
inner.append("seen by all")
print([inner], {"k": inner})
a = [1, 2, 3]
b, c, d, e = a[:], list(a), [*a], a * 1
b.append(4)
print(a, b, c == d == e, a is c)
print(list({"a": 1}.items()), dict([("a", 1)]), set("aab") == {"a", "b"}, tuple({1: 2}))
print(list(map(list, ["ab", "cd"])), list(zip("ab", [1, 2])))
rows = [[0] * 3] * 2
rows[0][0] = 5
print(rows)


def deep(value):
    if isinstance(value, list):
        return [deep(v) for v in value]
    if isinstance(value, dict):
        return {k: deep(v) for k, v in value.items()}
    return value


data = {"a": [1, {"b": [2]}]}
twin = deep(data)
twin["a"][1]["b"].append(3)
print(data, twin)
