# del on names, items, slices, attributes and several targets at once.
a, b, c = 1, 2, 3
del a, (b, c)
print([name for name in ("a", "b", "c") if name in globals()])
items = list(range(10))
del items[0]
del items[-1], items[0]
print(items)
del items[1:3]
print(items)
del items[::2]
print(items)
table = {"x": 1, "y": 2}
del table["x"]
print(table)


class Box:
    shared = 1

    def __init__(self):
        self.own = 2


box = Box()
del box.own
for source in (
    "del box.own", "del box.shared", "del table['x']", "del items[9]", "del missing", "del (1, 2)[0]",
    "del 'abc'[0]",
):
    try:
        exec(source)
    except (NameError, AttributeError, LookupError, TypeError) as e:
        print(source, "->", type(e).__name__, e)
del Box.shared
print(hasattr(box, "shared"))
for source in ("del f()", "del 1", "del (a + b)"):
    try:
        compile(source, "s", "exec")
    except SyntaxError as e:
        print(e.msg)
nested = {"k": [1, [2, 3]]}
del nested["k"][1][0]
print(nested)
