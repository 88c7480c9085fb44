# sort and sorted: keys, reverse, stability, errors.
people = [("bo", 30), ("al", 25), ("cy", 30), ("di", 25)]
print(sorted(people), sorted(people, key=lambda p: p[1]), sorted(people, key=lambda p: p[1], reverse=True))
print(sorted("hello"), sorted([3, 1, 2], reverse=True), sorted({"b": 1, "a": 2}), sorted([True, 0, 2.5, -1]))
print(sorted([]), sorted("bAc", key=str.lower))
words = ["banana", "Apple", "cherry", "apple", "fig"]
print(sorted(words), sorted(words, key=len), sorted(words, key=str.lower))
print(sorted(words, key=lambda w: (-len(w), w)))
calls = []
data = [5, 3, 8]
data.sort(key=lambda n: calls.append(n) or -n)
print(data, calls)
big = [(i * 7919) % 1000 for i in range(1000)]
assert sorted(big) == list(range(1000)) and sorted(big, reverse=True) == list(range(999, -1, -1))
stable = sorted(((n % 10, i) for i, n in enumerate(big)), key=lambda t: t[0])
print(all(a[1] < b[1] for a, b in zip(stable, stable[1:]) if a[0] == b[0]), [t for t in stable[:3]])


class OnlyLess:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n


print([o.n for o in sorted(map(OnlyLess, [3, 1, 2]))])
print([o.n for o in sorted(map(OnlyLess, [3, 1, 2]), reverse=True)])
items = [2, "a", 1]
for call in (
    "items.sort()", "sorted(1)", "sorted([1, 2], key=5)", "sorted([1], reverse='x')", "sorted([1, None])",
    "sorted([1], None)", "sorted(key=len)",
):
    try:
        print(eval(call))
    except TypeError as e:
        print(call, "->", e)
print(items)
