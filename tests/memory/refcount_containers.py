# Containers, copies and repeated elements count every slot.
import sys

item = []
table = {"a": item, "b": item}
print("two dict values", sys.getrefcount(item))
print("the dict", sys.getrefcount(table))
copy = dict(table)
print("a copied dict", sys.getrefcount(item))
copy.clear()
print("cleared", sys.getrefcount(item))
table.pop("a")
print("popped", sys.getrefcount(item))
del table
print("dict gone", sys.getrefcount(item))
rows = [[]] * 3
print("repeated", sys.getrefcount(rows[0]))
nested = [[]]
print("element read through its list", sys.getrefcount(nested[0]))
pair = ([], [])
print("tuple element", sys.getrefcount(pair[0]))
sliced = nested[:]
print("after a slice", sys.getrefcount(nested[0]))
sliced.extend(nested)
print("after extend", sys.getrefcount(nested[0]))
