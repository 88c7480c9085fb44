# pass, multiple statements, semicolons, line joining, annotations, type statements.
x = 1; y = 2; print(x, y)
if x: pass
else: print("never")
total = 1 + \
    2 + \
    3
print(total, (1,
              2), """triple
quoted""")
count: int = 5
later: str
print(count, "later" in globals())


class C:
    field: int
    other: "str" = "default"


print(C.__annotations__, hasattr(C, "field"), C.other)


def annotated(a: int, *args: str, b: list[int] = [], **kw: None) -> dict:
    local: int = 3
    return {"local": local}


print(annotated(1), annotated.__annotations__)
type Pair[T] = tuple[T, T]
print(Pair, Pair.__value__, Pair.__name__)


def generic[T](x: T) -> T:
    return x


print(generic(5), generic.__type_params__)
if x == 1:
    if y == 1:
        print("no")
    elif y == 2:
        print("nested elif")
assert (lambda: ...)() is ...
