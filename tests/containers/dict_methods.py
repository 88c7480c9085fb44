# Dictionaries: methods, order and messages.
d = {"b": 1, "a": 2}
d["c"] = 3
d["b"] = 10
print(d, list(d), len(d), "a" in d, 1 in d, d["a"], d.get("z"), d.get("z", 0), d.setdefault("a", 99))
print(d.setdefault("n"), d)
d.update({"x": 1}, y=2)
d.update([("k", "v")])
d.update(zip("pq", (1, 2)))
print(d, d.pop("k"), d.pop("none", "default"), d.popitem(), d)
del d["b"]
d["b"] = "last now"
print(d, list(reversed(d)), d.copy() == d, d == dict(reversed(list(d.items()))), {1: "a"} == {1.0: "a"})
print({"a": 1} != {"a": 2})
print({"a": 1} | {"b": 2, "a": 3}, dict(a=1, b=2), dict([("a", 1)], b=2), dict.fromkeys("ab"))
print(dict.fromkeys([1, 2], []), dict(), {**{"a": 1}, "b": 2})
print({1: "int", True: "bool", 1.0: "float"}, {None: 1, (): 2, "": 3, 0: 4, False: 5}, str({"k": {"n": [1]}}))
d.clear()
print(d, bool(d))
for call in (
    "d['x']", "del d['x']", "d.pop('x')", "d.popitem()", "d[[]]", "d[{}] = 1", "dict(5)", "dict([1])",
    "dict([(1, 2, 3)])", "d.update(5)", "d.get()", "d | 5", "d < d", "hash(d)", "dict(a=1, **{'a': 2})",
    "d.fromkeys(5)", "{[]: 1}", "[] in d", "d.x", "dict([('a',)])", "dict(**{1: 2})",
):
    try:
        print(eval(call)) if not call.startswith(("del", "d[{}]")) else exec(call)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
