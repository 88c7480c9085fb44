# Structures that contain themselves print dots where they start again.
loop = [1]
loop.append(loop)
print(loop)
table = {"a": 1}
table["self"] = table
print(table)
mixed = [{"t": ()}]
mixed[0]["t"] = (mixed, 2)
print(mixed)


class Show:
    def __init__(self):
        self.items = [self]

    def __repr__(self):
        return f"Show({self.items is None})"


print([Show(), [Show()]])
a, b = [], []
a.append(b)
b.append(a)
print(a, b)
try:
    print(a == b)
except RecursionError as e:
    print(type(e).__name__)
print(loop == loop, loop in loop)
