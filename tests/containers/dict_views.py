# keys, values and items follow the dictionary and behave like sets.
d = {"a": 1, "b": 2, "c": 3}
keys, values, items = d.keys(), d.values(), d.items()
d["d"] = 4
del d["a"]
print(keys, values, items, len(keys), "b" in keys, 4 in values, ("c", 3) in items, ("c", 9) in items)
print(sorted(keys & {"b", "z"}), sorted(keys | ["z"]), sorted(keys - {"b"}), sorted(keys ^ {"b", "q"}))
print(keys == {"b", "c", "d"}, keys.isdisjoint("xy"), keys >= {"b"}, sorted(items & {("b", 2), ("x", 0)}))
print(list(reversed(keys)), list(reversed(items)), list(zip(keys, values)), [k + str(v) for k, v in items])
print(max(d, key=d.get), sorted(d.items(), key=lambda kv: -kv[1]), sum(values))
print(dict(zip(values, keys)), type(keys).__name__, type(iter(items)).__name__, keys.mapping == d)
print(values == d.values(), {1: 2}.keys() == {1: 3}.keys())
for grow in (lambda: d.update(new=1), lambda: d.pop("b"), lambda: d.__setitem__("c", 0)):
    copy = dict(d)
    try:
        for k in d:
            grow()
        print("finished", d)
    except RuntimeError as e:
        print(e)
    d.clear()
    d.update(copy)
for call in ("keys[0]", "values & values", "keys + keys", "hash(keys)", "keys.add(1)", "items - 5"):
    try:
        eval(call)
    except (TypeError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
