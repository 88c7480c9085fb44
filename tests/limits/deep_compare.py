# Comparing, printing and hashing deeply nested values is an exception, not a crash.
def nest(depth, wrap):
    value = wrap(None)
    for _ in range(depth):
        value = wrap(value)
    return value


DEPTH = 50_000
for title, wrap in {"list": lambda v: [v], "tuple": lambda v: (v,), "dict": lambda v: {1: v}}.items():
    a, b = nest(DEPTH, wrap), nest(DEPTH, wrap)
    actions = {"==": lambda: a == b, "hash": lambda: hash(a)}
    if title == "list":
        actions["repr"] = lambda: repr(a)
    for name, action in actions.items():
        try:
            action()
            print(title, name, "done")
        except (RecursionError, TypeError) as e:
            print(title, name, type(e).__name__)
    del a, b
small = nest(50, lambda v: [v])
print("shallow ones work", small == nest(50, lambda v: [v]), len(repr(small)))
