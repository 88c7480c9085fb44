# Endless recursion through every kind of call ends in RecursionError.
class Chain:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __eq__(self, other):
        return self == other

    def __call__(self):
        return self()

    def __repr__(self):
        return repr(self)

    def __len__(self):
        return len(self)

    def __add__(self, other):
        return self + other

    def __getitem__(self, key):
        return self[key]

    def __iter__(self):
        return iter(self)

    @property
    def loop(self):
        return self.loop


def generator():
    yield from generator()


c = Chain()
for title, action in {
    "getattr": lambda: c.missing,
    "eq": lambda: c == 1,
    "call": lambda: c(),
    "repr": lambda: repr(c),
    "len": lambda: len(c),
    "add": lambda: c + 1,
    "getitem": lambda: c[0],
    "iter": lambda: iter(c),
    "property": lambda: c.loop,
    "yield from": lambda: list(generator()),
    "sort key": (lambda f: lambda: f(f))(lambda f: sorted([1, 2], key=lambda x: f(f))),
}.items():
    try:
        action()
        print(title, "no error")
    except RecursionError:
        print(title, "RecursionError")
