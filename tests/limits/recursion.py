# Deep recursion works up to the limit; endless recursion is an exception the program survives.
import sys


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def endless(n):
    return endless(n + 1)


print("limit", sys.getrecursionlimit())
print("900 deep", depth(900))
for attempt in range(3):
    try:
        endless(0)
    except RecursionError as e:
        print(attempt, type(e).__name__, e)
print("still fine", depth(900))
sys.setrecursionlimit(200)
try:
    depth(500)
except RecursionError as e:
    print("lower limit", e)
sys.setrecursionlimit(1000)
print("and back", depth(500))
