# Constants and builtin types are immortal and report one fixed number.
import sys

IMMORTAL = 3221225472
for value in (None, True, False, Ellipsis, NotImplemented, 0, 256, -5):
    print(value, sys.getrefcount(value) == IMMORTAL)
for value in ("", "a", b"", b"a", ()):
    print(repr(value), sys.getrefcount(value))
for kind in (int, object, str, list, dict, type, Exception):
    print(kind.__name__, sys.getrefcount(kind))
many = [None] * 1000
print("a thousand more", sys.getrefcount(None) == IMMORTAL)
del many
print("and fewer", sys.getrefcount(None) == IMMORTAL)
