# Sets: operators, methods, comparison.
a, b = {1, 2, 3, 4}, {3, 4, 5}
print(sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), a.isdisjoint(b), {3} < a, {1, 2} <= a)
print(a >= {4}, a > a, a == {4, 3, 2, 1}, a != b)
print(sorted(a.union(b, [9])), sorted(a.intersection([1, 9])), sorted(a.difference([1], [2])))
print(sorted(a.symmetric_difference([1, 7])), a.issubset(range(9)), a.issuperset([]))
s = set("hello")
s.add("z")
s.add("h")
s.discard("none")
s.remove("z")
print(sorted(s), len(s), "h" in s, set(), {0}, repr(set()), bool(set()), len({1, 1.0, True, "1"}))
s.update("xy", ["w"])
s.intersection_update("helxyw")
s.difference_update("e")
s.symmetric_difference_update("hq")
print(sorted(s), s.copy() == s, s.copy() is s)
s &= set("qx")
s |= {"m"}
s -= {"q"}
s ^= {"m", "n"}
print(sorted(s), {5}.pop(), frozenset([1]) == {1}, {frozenset([1]): "k"}[frozenset([1])])
print(type({1} | frozenset([2])).__name__, type(frozenset([2]) | {1}).__name__, {1} in {frozenset([1])})
for call in (
    "set().pop()", "{1}.remove(2)", "{[]}", "{1} | [2]", "{1} < [1]", "set(5)", "set(1, 2)", "hash({1})",
    "s[0]", "{1} + {2}", "{1}.add([])", "frozenset([1]).add(2)", "{1}.union(5)", "[] in {1}", "{1}.add()",
    "{{1}}",
):
    try:
        eval(call)
    except (KeyError, TypeError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
