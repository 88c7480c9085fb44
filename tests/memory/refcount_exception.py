# Inside an except block the exception is held by its name and by the handler.
import sys

try:
    raise ValueError("x")
except ValueError as error:
    print("handled", sys.getrefcount(error))
print("name gone", "error" in globals())
kept = ValueError("kept")
print("before", sys.getrefcount(kept))
try:
    raise kept
except ValueError:
    print("same object", sys.exception() is kept)
print("after", sys.getrefcount(kept))
kept.__traceback__ = None
payload = []
wrapper = ValueError(payload)
print("args hold the payload", sys.getrefcount(payload))
del wrapper
print("payload alone", sys.getrefcount(payload))
