# An uncaught exception prints a traceback to standard error and ends with code 1.
import sys


def risky(n):
    if n == 3:
        raise RuntimeError("three is too many")
    return n


for i in range(10):
    print(risky(i))
    sys.stdout.flush()
print("never")
