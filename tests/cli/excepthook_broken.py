# A failing sys.excepthook is reported together with the original exception.
import sys

print("before")


def hook(kind, value, tb):
    print("hook called for", kind.__name__)
    raise ValueError("in the hook")


sys.excepthook = hook
{}["original"]
