# Growing lists by append, reading them by index and by iteration.


def build(n):
    items = []
    for i in range(n):
        items.append(i * 3 & 1023)
    return items


def total(items):
    s = 0
    for x in items:
        s += x
    for i in range(0, len(items), 2):
        s -= items[i]
    return s


checksum = 0
for _ in range(12):
    numbers = build(1_000_000)
    checksum += total(numbers) + sum(numbers)
print(checksum)
