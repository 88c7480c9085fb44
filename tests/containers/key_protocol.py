# Keys go by __hash__ first and __eq__ second; errors in both reach the caller.
class Key:
    def __init__(self, n, h):
        self.n, self.h = n, h

    def __hash__(self):
        print(f"hash({self.n})", end=" ")
        return self.h

    def __eq__(self, other):
        print(f"{self.n}=={other.n}", end=" ")
        return self.n == other.n


a, b, c = Key("a", 1), Key("b", 1), Key("c", 2)
d = {a: "A"}
print("| made")
d[b] = "B"
print("| collided")
print(d[a], "| identity needs no ==")
print(Key("a", 1) in d, "| equal")
print(c in d, "| other hash")
print(len({a, b, Key("b", 1)}), "| set")


class Broken:
    def __init__(self, where):
        self.where = where

    def __hash__(self):
        if self.where == "hash":
            raise ValueError("hash failed")
        if self.where == "type":
            return "text"
        return 5

    def __eq__(self, other):
        raise ValueError("eq failed")


for where in ("hash", "type", "eq"):
    try:
        {Broken("eq"): 1, Broken(where): 2}
        print("no error")
    except (ValueError, TypeError) as e:
        print(where, type(e).__name__, e)
print(hash(1) == hash(1.0) == hash(True), hash("a") == hash("a"), hash((1, 2)) == hash((1, 2)), hash(-1))
print(hash(0), hash(2**61 - 1), hash(None) == hash(None), hash(0.5), hash(10**20))
