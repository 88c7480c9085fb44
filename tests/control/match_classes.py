# match on classes: keywords, __match_args__, builtin types and errors.
class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Circle:
    def __init__(self, center, r):
        self.center, self.r = center, r


def describe(value):
    match value:
        case Point(0, 0):
            return "origin"
        case Point(x=0):
            return "on the y axis"
        case Point(x, y) if x == y:
            return f"diagonal {x}"
        case Point(x, y=5):
            return f"y five, x {x}"
        case Circle(center=Point(x, y), r=1 | 2 as r):
            return f"small circle at {x},{y} r={r}"
        case Circle():
            return "circle"
        case bool(b):
            return f"bool {b}"
        case int(n) | float(n):
            return f"number {n}"
        case str("x" | "y" as s):
            return f"axis {s}"
        case list([1, *_]):
            return "list from 1"
        case dict() | set():
            return "container"
        case tuple((a, b)):
            return f"tuple of {a} and {b}"
        case object(name=n):
            return f"named {n}"
        case _:
            return "?"


named = type("N", (), {"name": "nn"})()
for v in (
    Point(0, 0), Point(0, 3), Point(4, 4), Point(1, 5), Circle(Point(1, 2), 2), Circle(1, 9), True, 3, 2.5,
    "x", "z", [1, 2], {}, (1, 2), named,
):
    print(describe(v))
for value, source in (
    (Point(1, 2), "case Point(1, 2, 3): pass"),
    (Circle(1, 2), "case Circle(1): pass"),
    (1, "case 5(): pass"),
    (1, "case int(1, 2): pass"),
):
    try:
        exec("match value:\n  " + source)
    except (TypeError, SyntaxError) as e:
        print(type(e).__name__, getattr(e, "msg", e))
