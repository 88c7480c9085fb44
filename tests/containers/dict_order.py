# Insertion order survives deletion, growth and replacement.
d = {}
for i in range(20):
    d[f"k{i}"] = i
for i in range(0, 20, 3):
    del d[f"k{i}"]
for i in (3, 0):
    d[f"k{i}"] = "again"
print(list(d.items()))
big = {i: -i for i in range(1000)}
for i in range(1000):
    if i % 10:
        del big[i]
print(len(big), list(big)[:5], list(big.values())[-3:], big.popitem(), next(iter(big)))
big.update({i: i for i in range(2000, 2003)})
print(list(big)[-4:], sum(big.values()))
seen = dict.fromkeys("abracadabra")
print("".join(seen))


class Key:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return isinstance(other, Key) and self.name == other.name

    def __repr__(self):
        return self.name


crowd = {Key(c): i for i, c in enumerate("abcde")}
del crowd[Key("b")]
crowd[Key("c")] = "new"
crowd[Key("f")] = 9
print(crowd, Key("d") in crowd, Key("b") in crowd, crowd[Key("e")])
