# Assignment to several targets, stars, nesting, attributes, items and swaps.
a, b = 1, 2
a, b = b, a
print(a, b)
first, *middle, last = range(6)
print(first, middle, last)
*init, tail = "abc"
head, *empty = [1]
print(init, tail, head, empty)
(a, (b, *c)), d = [(1, (2, 3, 4)), 5]
print(a, b, c, d)


class Box:
    pass


box, table = Box(), {}
box.x, table["k"], [box.y] = 1, 2, [3]
print(box.x, box.y, table)
i = 0
items = [0, 0]
i, items[i] = 1, 9
print(i, items)
x = y = z = []
x.append(1)
print(y, z is x)
for k, (v, *w) in {"a": (1, 2, 3), "b": (4,)}.items():
    print(k, v, w)
print([*range(2), *"ab"], (*[1], 2), {*[3]}, {**{"a": 1}, "a": 2})
for source in (
    "a, b = 1", "a, b = 1, 2, 3", "a, b = [1]", "a, *b, c = [1]", "[a, b] = None", "a, b = {}",
    "a, b = iter(range(10))",
):
    try:
        exec(source)
    except (TypeError, ValueError) as e:
        print(source, "->", e)
