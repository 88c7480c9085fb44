# round() goes to even, to digits, and works on integers too.
import math

print([round(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, 1e20, 7)])
print([round(x, 1) for x in (0.05, 0.15, 0.25, 0.35, 2.675, -0.25, 1e300)], round(2.675, 2))
print(round(1234.5678, -2), round(5.5, None), round(0.5, 0))
print(round(1234, -2), round(1250, -2), round(1350, -2), round(-1250, -2), round(5, 3), round(15, -1))
print(round(25, -1), round(10**30 + 5, -1), round(1, -5), round(True))
print(type(round(1.5)).__name__, type(round(1.5, 0)).__name__, type(round(1, 1)).__name__, round(1e16 + 1))
print(round(123.456, 10), round(-0.4), round(-0.4, 0), round(1e-320, 5))
print(int(-3.7), math.floor(-3.7), math.ceil(-3.2), math.trunc(-3.7), int(3.99), 7 // 2, -7 // 2)
print(math.floor(10**20 + 0.0))


class R:
    def __round__(self, n=None):
        return f"rounded {n}"

    def __floor__(self):
        return "floored"

    def __trunc__(self):
        return "truncated"


print(round(R()), round(R(), 2), math.floor(R()), math.trunc(R()))
for call in (
    "round(float('nan'))", "round(float('inf'))", "round('x')", "round(1.5, 'x')", "round(1, 1.5)", "round()",
    "math.ceil('x')", "round(float('inf'), 1)",
):
    try:
        print(call, eval(call))
    except (ValueError, OverflowError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
