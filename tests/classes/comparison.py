# Rich comparison, hashing and sorting of own classes.
class Version:
    def __init__(self, text):
        self.parts = tuple(int(p) for p in text.split("."))

    def __eq__(self, other):
        return isinstance(other, Version) and self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts

    def __le__(self, other):
        return self.parts <= other.parts

    def __hash__(self):
        return hash(self.parts)

    def __repr__(self):
        return "v" + ".".join(map(str, self.parts))


a, b, c = Version("1.2"), Version("1.10"), Version("1.2")
print(a == c, a != c, a != b, a < b, a > b, b >= a, a == "1.2")
print(sorted([b, a, Version("0.9")]), max(a, b), min([b, a]))
print(len({a, b, c}), {a: "found"}[c], a in [c], [b, a].index(c))


class Unhashable:
    def __eq__(self, other):
        return True


try:
    {Unhashable()}
except TypeError as e:
    print(e)
print(Unhashable.__hash__, Unhashable() == 5, Unhashable() != 5, 5 == Unhashable())
try:
    object() < object()
except TypeError as e:
    print(e)
