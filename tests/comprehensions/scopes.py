# What a comprehension sees: class bodies, closures, walrus targets, its own variable.
class Table:
    size = 3
    rows = [n for n in range(size)]
    try:
        cells = [size for _ in range(2)]
    except NameError as e:
        cells = str(e)


print(Table.rows, Table.cells)


def closures():
    base = 10
    add = [lambda x, n=n: x + n + base for n in range(3)]
    base = 100
    return [f(1) for f in add]


def walrus():
    total = 0
    partial = [total := total + n for n in range(5)]
    return partial, total


def shadow(n):
    inner = [n for n in range(n)]
    return inner, n


print(closures(), walrus(), shadow(3))
last = None
evens = [last := n for n in range(10) if n % 2 == 0]
print(evens, last)
print(any((found := w).startswith("b") for w in ["a", "bee", "c"]), found)
data = [1, 2, 3]
print([data for data in data], data)
try:
    exec("[i := 0 for i in range(3)]")
except SyntaxError as e:
    print(e.msg)
try:
    [undefined for _ in [1]]
except NameError as e:
    print(e)
