# Powers, modular powers and shifts.
print(2**10, 2**-1, (-2) ** 3, -(2**2), -2**2, 0**0, 0.0**0, 2**0.5, (-8) ** (1 / 3), 2.0**3, 10**-3)
print(1**10**6, (-1) ** 1001)
print(pow(3, 4), pow(3, 4, 5), pow(3, -1, 7), pow(-3, 3, 7), pow(3, 3, -7), pow(2, 1000, 10**9 + 7))
print(pow(2, 0, 1), pow(5, 2.0), pow(base=2, exp=3, mod=5))
print(2**3**2, (2**3) ** 2, 7**2 % 10, 10**20 * 10**-20 == 1)
print(1 << 10, 1024 >> 3, -5 >> 1, -5 << 2, 5 >> 100, 0 << 100, 1 << 0, True << 3, 0b1010 & 0b0110)
print(0b1010 | 0b0110, 0b1010 ^ 0b0110, ~5, ~-1)
for call in (
    "1 << -1", "1 >> -1", "pow(2, -1, 4)", "pow(2, 1.5, 3)", "pow(2.0, 2, 3)", "1.5 << 1", "1 & 1.0", "~1.5",
    "pow('a', 2)", "2 ** 'x'",
):
    try:
        print(call, eval(call))
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
