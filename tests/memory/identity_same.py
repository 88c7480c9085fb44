# Operations on immutable values that have nothing to do return the value itself.
t = (1, [2], 3)
s = "".join(["some", " text"])
b = b"".join([b"so", b"me"])
n = int("12345678901234567890")
f = frozenset(["x"])
print("tuple", tuple(t) is t, t[:] is t, t + () is t, t * 1 is t)
print("str", s[:] is s, str(s) is s, s.strip() is s, "".join([s]) is s)
print("str", s + "" is s, "" + s is s, s * 1 is s, s.replace("z", "y") is s)
print("bytes", bytes(b) is b, b[:] is b, b + b"" is b)
print("int", int(n) is n)
print("frozenset", frozenset(f) is f, f.copy() is f)
print("list is copied", list([1]) is [1], (x := [1])[:] is x)


class S(str):
    pass


sub = S("text")
print("subclass", str(sub) is sub, type(sub[:]) is str, type(sub.strip()) is str)
