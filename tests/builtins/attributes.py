# getattr, setattr, hasattr, delattr, vars, dir, callable.
class Box:
    shared = "class"

    def __init__(self):
        self.own = 1

    @property
    def broken(self):
        raise ValueError("inside")

    @property
    def absent(self):
        raise AttributeError("inside")


b = Box()
print(getattr(b, "own"), getattr(b, "none", "default"), getattr(b, "absent", "default too"))
print(hasattr(b, "own"), hasattr(b, "absent"), hasattr(b, "none"))
setattr(b, "new", 2)
setattr(b, "not an identifier", 3)
print(vars(b), getattr(b, "not an identifier"))
delattr(b, "new")
print(vars(b), [n for n in dir(b) if not n.startswith("__")])
print(sorted(n for n in vars(Box) if not n.startswith("__")))
print(callable(b), callable(Box), callable(len), callable(lambda: 0), callable(None), callable(b.__init__))
try:
    hasattr(b, "broken")
except ValueError as e:
    print("hasattr lets it pass:", e)
for call in (
    "getattr(b, 'none')", "getattr(b, 5)", "delattr(b, 'none')", "setattr(5, 'x', 1)", "vars(5)",
    "getattr(b)", "b.absent", "hasattr(b, 1)", "setattr(b, 1, 1)", "setattr(b, 'broken', 1)",
    "delattr(Box, 'zz')", "len.x", "len.x = 1", "object().x = 1", "None.x = 1", "(1).real = 2",
):
    try:
        exec(call)
    except (AttributeError, TypeError) as e:
        print(call, "->", type(e).__name__, e)


def f():
    a, b = 1, 2
    return dir(), locals()


print(f(), "Box" in dir(), "b" in vars())
