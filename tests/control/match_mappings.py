# match on mappings: required keys, nested patterns, the rest.
def describe(value):
    match value:
        case {"type": "point", "x": x, "y": y}:
            return f"point {x},{y}"
        case {"type": "line", "ends": [a, b]}:
            return f"line {a}-{b}"
        case {"user": {"name": str(name), **extra}}:
            return f"user {name} and {extra}"
        case {1: one, None: none}:
            return f"keys 1 and None: {one} {none}"
        case {"a": _, **rest} if len(rest) > 1:
            return f"a and {rest}"
        case {}:
            return "some mapping"
        case _:
            return "not a mapping"


for v in (
    {"type": "point", "x": 1, "y": 2, "extra": 3},
    {"type": "point", "x": 1},
    {"type": "line", "ends": (0, 9)},
    {"user": {"name": "bo", "age": 5}},
    {"user": {"name": 5}},
    {1: "one", None: "n"},
    {"a": 1, "b": 2, "c": 3},
    {"a": 1, "b": 2},
    {},
    [("a", 1)],
):
    print(v, "->", describe(v))


class Auto(dict):
    def __missing__(self, key):
        return "made up"


match Auto():
    case {"x": x}:
        print("wrong", x)
    case _:
        print("__missing__ is not asked")
