# Changing a container while it is walked is defined or an exception, never a crash.
numbers = [1, 2, 3, 4]
for n in numbers:
    if n < 3:
        numbers.append(n * 10)
print(numbers)
for n in numbers:
    numbers.clear()
print(numbers)
for kind, grow in (({"a": 1}, lambda d: d.update(b=2)), ({1}, lambda s: s.add(2))):
    try:
        for _ in kind:
            grow(kind)
    except RuntimeError as e:
        print(type(kind).__name__, e)


class Evil:
    def __init__(self, action):
        self.action = action

    def __lt__(self, other):
        self.action()
        return False


data = []
data.extend(Evil(lambda: data.append(1)) for _ in range(3))
try:
    data.sort()
except ValueError as e:
    print(e)
print("length after", len(data))
