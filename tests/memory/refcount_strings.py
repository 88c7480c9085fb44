# A constant string is held by its code object too, a computed one is not.
import sys

constant = "hello"
joined = "".join(["hel", "lo"])
print("computed", sys.getrefcount(joined), joined is constant)
interned = sys.intern("".join(["inter", "ned text"]))
print("interned", sys.getrefcount(interned))
alias = sys.intern("".join(["interned", " text"]))
print("same object", alias is interned, sys.getrefcount(interned))
del alias
print("alias gone", sys.getrefcount(interned))
print("constant tuple", sys.getrefcount((1, 2)))
