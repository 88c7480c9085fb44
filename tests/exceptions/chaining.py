# __context__, __cause__, raise from and raise from None.
def show(e):
    parts = []
    while e is not None:
        parts.append(f"{type(e).__name__}({e}) suppress={e.__suppress_context__}")
        e = e.__cause__ or e.__context__
    print(" <- ".join(parts))


def run(how):
    try:
        {}["missing"]
    except KeyError as e:
        if how == "implicit":
            raise ValueError("implicit")
        if how == "cause":
            raise ValueError("explicit") from e
        if how == "none":
            raise ValueError("hidden") from None
        if how == "class":
            raise ValueError("by class") from OSError
        raise


for how in ("implicit", "cause", "none", "class", "again"):
    try:
        run(how)
    except Exception as e:
        show(e)
        print("  cause", repr(e.__cause__), "context", repr(e.__context__))
try:
    raise ValueError from 5
except TypeError as e:
    print(e)
try:
    try:
        raise ValueError("a")
    except ValueError as first:
        try:
            raise KeyError("b")
        except KeyError:
            raise first
except ValueError as e:
    print(repr(e), repr(e.__context__), repr(e.__context__.__context__))
