# Conditional expressions, short circuits, chained comparison, truth.
def t(x):
    print(f"<{x}>", end="")
    return x


print(t(1) < t(2) < t(3), t(1) > t(2) < t(3))
print(1 < 3 > 2 != 5 == 5, (1 < 2) == True, 1 < 2 == True)
print(t(0) and t(1), t(0) or t(2), t(1) and t(0) or t(3), not t(""))
print("a" if [] else "b" if {} else "c")
print([bool(x) for x in (0, 0.0, 0j, "", b"", (), [], {}, set(), None, range(0), False)])
print([bool(x) for x in (1, -1, "0", " ", (0,), [[]], {0: 0}, {0}, range(1), ..., object)])
x = None
print(x or "default", x is None, x is not None, not x is None)
print("b" in "abc", "z" not in "abc", 1 in [1, 2] == True, 2 in {1: 2})
print(1 == 1.0 == True, "1" == 1, [] == (), None == 0)
a = b = 5
print(a == b == 5 and a is b, a != b, not a == b)
if (n := len("walrus")) > 5 and (half := n // 2):
    print(n, half)
print((y := 3) + y, [z := 1, z + 1], y, z)
while (n := n - 2) > 0:
    print(n, end=" ")
print()
