# Lists: every method and its messages.
a = [3, 1, 2]
a.append(5)
a.extend([7, 8])
a.insert(0, 9)
a.insert(100, 10)
a.insert(-1, 11)
print(a, len(a), a.pop(), a.pop(0), a.pop(-2), a)
a.remove(7)
print(a, a.index(5), a.index(1, 1), a.count(1), 2 in a, 99 in a)
a.reverse()
print(a, a.copy(), a.copy() is a)
a.sort()
print(a, a.sort(reverse=True), a)
print(a + [0], a * 2, 2 * a[:1], [] + [], a == sorted(a, reverse=True), [1] < [1, 0] < [2], list("abc"))
print(list(range(3)), list())
b = a[:]
b += "xy"
print(b, a is b, [1, 2] == [1.0, 2.0], [[1], 2] == [[1], 2], max(a), min(a), sum(a))
a.clear()
print(a, bool(a))
for call in (
    "a.pop()", "a.remove(1)", "a.index(1)", "[1].pop(5)", "[1].pop('x')", "a.append()", "a.append(1, 2)",
    "a.extend(5)", "a.insert(1)",
    "[].index()", "a[0]", "a[0] = 1", "a['x']", "[1, 2].index(1, 1)", "list(5)", "list(1, 2)",
    "[1, 'a'].sort()", "[1].sort(None)", "a.missing()", "a + 1", "hash(a)",
):
    try:
        exec(call)
    except (IndexError, ValueError, TypeError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
