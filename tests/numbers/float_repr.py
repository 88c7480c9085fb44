# Floats print as the shortest text that reads back the same.
for x in (
    0.1, 0.2, 0.1 + 0.2, 1 / 3, 2 / 3, 1e15, 1e16, 123456789.123456789, 1e-4, 1e-5, 5e-324,
    1.7976931348623157e308, 2.2250738585072014e-308, 1e22, 1e23, 9007199254740993.0, -0.0, 100.0, 1e100, 0.3,
    4.35, 2.675, 1.1 * 3, 1e5, 12345678901234567890.0,
):
    assert float(repr(x)) == x
    print(repr(x), end=" ")
print()
print(float("1e400"), -float("1e400"), float("1e-400"), 1e308 * 10, 0.1 + 0.7, 1.0, 1.50, .5, 5., 1_0.0_1)
print(1e1_0)
print((0.1).hex(), (1.0).hex(), (-0.5).hex(), float.fromhex("0x1.8p1"), float.fromhex("inf"))
print((0.5).as_integer_ratio(), (0.1).as_integer_ratio(), (2.0).is_integer(), (2.5).is_integer())
print(9007199254740992.0 == 9007199254740993, 0.1 + 0.2 == 0.3, abs(-2.5), -(-1.5), +1.5, float(10**22))
print(float("  3.0  "), float(2**60 + 1))
for call in (
    "float(10**400)", "float('nan').as_integer_ratio()", "float('inf').as_integer_ratio()",
    "float.fromhex('x')", "1e308 ** 2", "int(1e400)",
):
    try:
        print(call, eval(call))
    except (OverflowError, ValueError) as e:
        print(call, "->", type(e).__name__, e)
