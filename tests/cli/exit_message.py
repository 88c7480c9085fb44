# sys.exit with text prints it to standard error and ends with code 1.
import sys


def check(value):
    if value > 2:
        sys.exit(f"value {value} is too large: é")
    print("fine", value)


for v in range(5):
    check(v)
print("never")
