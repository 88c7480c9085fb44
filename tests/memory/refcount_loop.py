# The loop variable is one more reference, which stays after the loop.
import sys

first = []
data = [first, []]
for element in data:
    print("in the loop", sys.getrefcount(element))
print("first", sys.getrefcount(first))
print("loop variable keeps the last", sys.getrefcount(data[1]))
del element
print("until it is deleted", sys.getrefcount(data[1]))
iterator = iter(data)
print("an iterator holds its list", sys.getrefcount(data))
for _ in iterator:
    pass
print("an exhausted one lets it go", sys.getrefcount(data))
