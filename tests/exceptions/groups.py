# Exception groups: building, splitting, subgroups and nesting.
def tree(e, indent=0):
    print(" " * indent + f"{type(e).__name__}: {e}")
    for inner in getattr(e, "exceptions", ()):
        tree(inner, indent + 2)


group = ExceptionGroup(
    "outer", [ValueError("v"), ExceptionGroup("inner", [TypeError("t"), KeyError("k")]), OSError("o")],
)
tree(group)
print(group.message, len(group.exceptions), repr(group))
matched, rest = group.split((TypeError, ValueError))
tree(matched)
tree(rest)
print(group.subgroup(IndexError), group.split(IndexError)[0])
tree(group.subgroup(lambda e: "k" in str(e) and not isinstance(e, ExceptionGroup)))
print(type(BaseExceptionGroup("b", [ValueError()])).__name__)
print(type(BaseExceptionGroup("b", [KeyboardInterrupt()])).__name__)
for build in (
    lambda: ExceptionGroup("x", []),
    lambda: ExceptionGroup("x", [1]),
    lambda: ExceptionGroup("x", [KeyboardInterrupt()]),
    lambda: ExceptionGroup(1, [ValueError()]),
    lambda: ExceptionGroup("x"),
):
    try:
        build()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
tree(group.derive([ValueError("derived")]))
