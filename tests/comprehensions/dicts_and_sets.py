# Dict and set comprehensions, order and replaced keys.
print({w: len(w) for w in ["one", "three", "five"]})
print({k: v for k, v in [("a", 1), ("b", 2), ("a", 3)]})
print({v: k for k, v in {"x": 1, "y": 2}.items()})
print(sorted({len(w) for w in ["a", "bb", "cc", "ddd"]}))
print({(i, j): i * j for i in range(1, 3) for j in range(1, 3)})
print({i: {j for j in range(i)} for i in range(3)})
text = "mississippi"
print({c: text.count(c) for c in text})
print({k: [w for w in ("apple", "avocado", "bean") if w[0] == k] for k in "ab"})
print(type({x for x in ()}).__name__, {x: y for x in () for y in ()}, set())
print({**{"a": 1}, "b": 2, **{c: 0 for c in "ac"}})
nested = {k: {kk: vv for kk, vv in v.items() if vv} for k, v in {"p": {"x": 1, "y": 0}, "q": {}}.items()}
print(nested)
try:
    {[]: 1 for _ in range(1)}
except TypeError as e:
    print(e)
