# Repeated frames of an endless recursion are folded in the traceback.
import sys


def down(n):
    return down(n + 1)


print("start")
sys.setrecursionlimit(100)
down(0)
