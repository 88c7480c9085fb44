# Tuples: building, comparing, methods, messages.
t = (1, "a", 2.5)
print(t, (), (1,), tuple("abc"), 1, 2, t + (3,), t * 2, t[0], t[-1], t[1:], t[::-1], len(t), t.count(1))
print(t.index("a"), "a" in t)
print((1, 2) < (1, 3), (1, 2) < (1, 2, 0), (2,) > (1, 99), (1, 2) == (1.0, 2.0), (1, 2) == [1, 2])
print(((1, 2), 3) == ((1, 2), 3), hash((1, 2)) == hash((1, 2)))
x, *y = t
print(x, y, {(1, 2): "key"}[1, 2], [a + b for a, b in [(1, 2), (3, 4)]], max((1, 5), (2, 0)))
print(sorted([(2, "b"), (1, "z"), (2, "a")]), tuple(x for x in range(3)))
print(repr(((), ((),))), (1, 2, 3)[slice(0, 2)], tuple([1, [2]]), bool(()), bool((0,)), *t, sep="|")
for call in (
    "t[5]", "t[0] = 1", "del t[0]", "t.index(9)", "t.append(1)", "t + [1]", "hash(([],))", "tuple(5)",
    "tuple(1, 2)", "t['a']", "t * 'a'", "t.index()", "{([],): 1}", "t()",
):
    try:
        exec(call)
    except (IndexError, ValueError, TypeError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
