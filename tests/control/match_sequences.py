# match on sequences: lengths, stars, nesting; strings are not sequences here.
def describe(value):
    match value:
        case []:
            return "empty"
        case [x]:
            return f"one {x}"
        case [0, *rest]:
            return f"zero then {rest}"
        case (a, b) if a == b:
            return f"equal pair {a}"
        case [[a, b], [c, d]]:
            return f"grid {a}{b}{c}{d}"
        case [a, b]:
            return f"pair {a} {b}"
        case [first, *_, "end"]:
            return f"{first} to end"
        case [*init, (1 | 2) as last]:
            return f"{init} + {last}"
        case [_, _, *_]:
            return "many"
        case str() | bytes():
            return "text"
        case _:
            return "not a sequence"


class Seq(list):
    pass


for v in (
    [], (5,), [0, 1, 2], (3, 3), [[1, 2], [3, 4]], (1, "x"), [9, 8, "end"], [7, 7, 2], range(5), "ab", b"",
    {1, 2}, iter([1]), Seq([1]), [0],
):
    print(v if not hasattr(v, "__next__") else "iterator", "->", describe(v))
match 1, 2:
    case x, y:
        print(x, y)
match [1, [2, [3, 4]]]:
    case [a, [b, [*c]]]:
        print(a, b, c)
