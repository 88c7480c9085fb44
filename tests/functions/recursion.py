# Recursion: Ackermann, permutations, mutual recursion, flattening.
def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def permutations(items):
    if len(items) <= 1:
        return [items]
    return [[x] + rest for i, x in enumerate(items) for rest in permutations(items[:i] + items[i + 1 :])]


def is_even(n):
    return n == 0 or is_odd(n - 1)


def is_odd(n):
    return n != 0 and is_even(n - 1)


def flatten(value):
    if isinstance(value, list):
        return [leaf for part in value for leaf in flatten(part)]
    return [value]


def hanoi(n, a="A", b="B", c="C"):
    return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


print(ackermann(2, 3), is_even(100), is_odd(7))
print(permutations([1, 2, 3]))
print(flatten([1, [2, [3, [4]], 5], []]), hanoi(10))
