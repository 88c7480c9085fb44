# A constant string is held by its code object too.
import sys

space = {"sys": sys}
exec("constant = 'hello'\ncount = sys.getrefcount(constant)", space)
print("constant", space["count"])
