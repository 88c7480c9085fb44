# iter with a sentinel, next with a default, and the iterators of builtin types.
numbers = iter([3, 2, 1, 0, 9])
print(list(iter(lambda: next(numbers), 0)), list(numbers))
it = iter("ab")
print(next(it), next(it), next(it, "default"), next(it, None))
try:
    next(it)
except StopIteration as e:
    print("StopIteration", e.args)
for x in ([], (), "", b"", {}, {1}, range(1), {}.items(), zip(), {}.values(), bytearray(), "é"):
    print(type(iter(x)).__name__)
a = iter([1, 2, 3])
b = a
print(next(a), next(b), list(zip(a, a)), iter(a) is a)
items = [1, 2, 3]
it = iter(items)
next(it)
items.append(4)
print(list(it), it.__length_hint__())
items.append(5)
print(list(it), "an exhausted iterator stays exhausted")
pairs = iter(range(6))
print(list(zip(pairs, pairs)), [x for x in iter([1])], 2 in iter([1, 2, 3]))
grouped = zip(*[iter("abcdef")] * 3)
print(list(grouped))
for call in (
    "next([])", "iter(5)", "iter(5, 1)", "next()", "iter()", "next(iter([]))", "iter(len, 1).__next__()",
    "next(1, 2, 3)",
):
    try:
        eval(call)
    except (TypeError, StopIteration) as e:
        print(call, "->", type(e).__name__, e)
