# When tuples, sets and dicts are looked at by the collector.
import gc


class Slots:
    __slots__ = ("x",)


print("tuple of numbers", gc.is_tracked(tuple([1, 2])))
print("tuple of lists", gc.is_tracked(tuple([[]])))
print("empty dict", gc.is_tracked({}))
print("dict of numbers", gc.is_tracked({"a": 1}))
print("dict of lists", gc.is_tracked({"a": []}))
print("set", gc.is_tracked({1}), "frozenset", gc.is_tracked(frozenset([1])))
print("slice", gc.is_tracked(slice(1, 2)), "range", gc.is_tracked(range(3)))
print("instance with slots", gc.is_tracked(Slots()))
print("generator", gc.is_tracked((x for x in ())), "iterator", gc.is_tracked(iter([])))
print("bound method", gc.is_tracked([].append), gc.is_tracked(Slots().__init__))
print("exception", gc.is_tracked(ValueError()), "cell", gc.is_tracked((lambda x: lambda: x)(1).__closure__[0]))
