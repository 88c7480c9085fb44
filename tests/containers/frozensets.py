# frozenset: immutable, hashable, and repr of the empty and one-element ones.
f = frozenset([1, 2, 3])
print(len(f), 2 in f, f == {1, 2, 3}, hash(f) == hash(frozenset([3, 2, 1])), frozenset(), frozenset([7]))
print(frozenset("a") | {"b"} == {"a", "b"})
print(sorted(f | {9}), sorted(f & {1}), sorted(f - {1}), sorted(f ^ {1, 5}), f <= f, f < f, f.isdisjoint([8]))
print(f.copy() is f, frozenset(f) is f)
families = {frozenset("ab"): 1, frozenset("ba"): 2}
print(len(families), families[frozenset(["b", "a"])])
g = f
g |= {4}
print(len(f), len(g), type(g).__name__)


class Tags(frozenset):
    def __new__(cls, *names):
        return super().__new__(cls, (n.lower() for n in names))

    def __repr__(self):
        return f"Tags({', '.join(sorted(self))})"


t = Tags("B", "a", "A")
print(t, len(t), "a" in t, t == {"a", "b"}, type(t | {"c"}).__name__)
for call in (
    "f.add(1)", "f.remove(1)", "f.update([1])", "frozenset([[]])", "f[0]", "frozenset(1)", "del f.x",
):
    try:
        exec(call)
    except (AttributeError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
