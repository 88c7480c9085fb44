# str(), repr(), int() and float() between text and values.
for v in (
    1, -1.0, 1e100, None, True, [1, "a"], ("x",), {"k": (1,)}, {1}, b"b", 1j, range(3), slice(1, 2), ..., int,
    len, NotImplemented,
):
    print(str(v), "|", repr(v))
print(str(), str(b"x", "ascii"), str(object=5))
print([str(x) for x in (1.10, 100000000000000000000.0, 1e16, 1e-5, 0.0001)])
print(int("42"), int(" -7\n"), int("+5"), int("1_000"), int("ff", 16), int("0xff", 16), int("0b101", 0))
print(int("z", 36), int("٣"), int(3.99), int(-3.99), int(b"12"))
print(float("1.5"), float(" -2e3 "), float("inf"), float("-Infinity"), float("nan"), float("1_0.5"))
print(float(".5"), float("5."), float(b"2.5"))
for call in (
    'int("")', 'int("4x")', 'int("1.5")', 'int("12", 2)', 'int("1", 1)', "int(None)", 'int([])',
    'int("1", 37)', "int(5, 10)", 'int("1__0")', 'int("\\0")', 'float("")', 'float("x")', "float(None)",
    'float("1_")', 'complex("1+")', "int(float('inf'))", "int(float('nan'))", 'int("0x", 16)',
    'int("9" * 30 + "x")',
):
    try:
        print(call, eval(call))
    except (ValueError, TypeError, OverflowError) as e:
        print(call, "->", type(e).__name__, e)
