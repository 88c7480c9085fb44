# Names, list slots and their removal each change a list's reference count by one.
import sys

x = []
print("one name", sys.getrefcount(x))
y = x
print("two names", sys.getrefcount(x))
z = [x, x]
print("two slots more", sys.getrefcount(x))
del y, z
print("after del", sys.getrefcount(x))
x = y = w = []
print("chained assignment", sys.getrefcount(x))
triple = (x, x, x)
print("three in a tuple", sys.getrefcount(x))
del triple, y, w
print("back to one", sys.getrefcount(x))
