# match on literals, values, captures, wildcards and guards.
import math


class Color:
    RED = "red"


def describe(value):
    match value:
        case 0:
            return "zero"
        case -1 | 1:
            return "unit"
        case 1.5:
            return "float"
        case 2 + 3j:
            return "complex"
        case "a" | "b" as letter:
            return f"letter {letter}"
        case b"x":
            return "bytes"
        case None:
            return "none"
        case True:
            return "never, True equals 1"
        case Color.RED:
            return "a dotted value"
        case math.inf:
            return "infinity"
        case int(n) if n > 100:
            return f"big {n}"
        case int() | float():
            return "number"
        case other:
            return f"other {other!r}"


for v in (0, 0.0, -1, 1.5, 2 + 3j, "b", b"x", None, True, False, "red", math.inf, 500, 7, -2.5, "zz", ()):
    print(repr(v), "->", describe(v))
match 5:
    case 6:
        print("no")
print("no case is fine")
