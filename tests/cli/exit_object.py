# An exit code that is no number is printed, and the exit code is 1.
import sys


class Reason:
    def __str__(self):
        return "a reason as text"


print("before")
try:
    sys.exit(Reason())
finally:
    print("finally")
