# Instances, their attributes, bound methods and functions.
import sys


class Node:
    def method(self):
        return self


node = Node()
print("instance", sys.getrefcount(node))
bound = node.method
print("a bound method holds its instance", sys.getrefcount(node))
del bound
print("and lets it go", sys.getrefcount(node))
payload = []
node.payload = payload
print("attribute", sys.getrefcount(payload), sys.getrefcount(node.payload))
del node.payload
print("attribute deleted", sys.getrefcount(payload))


def function():
    pass


print("function", sys.getrefcount(function))
print("its code", sys.getrefcount(function.__code__))
