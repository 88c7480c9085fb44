# SystemExit passes through calls, generators and comprehensions like any exception.
import sys


def numbers():
    try:
        for n in range(5):
            yield n
    finally:
        print("generator closed")


def leave(n):
    if n == 2:
        sys.exit(n + 10)
    return n


try:
    print([leave(n) for n in numbers()])
except BaseException as e:
    print("seen", repr(e))
    raise
