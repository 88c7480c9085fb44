# Exceptions in finalizers and weakref callbacks are reported on standard error; the program goes on.
import weakref


class Fails:
    """A callable with a fixed text, so that the report has no address in it."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return f"<{self.text}>"

    def __call__(self, *args):
        raise ValueError(f"{self.text} failed")


class Broken:
    __del__ = Fails("finalizer")


class Node:
    pass


broken = Broken()
del broken
print("after the finalizer")
node = Node()
ref = weakref.ref(node, Fails("callback"))
del node
print("after the callback", ref())
Broken()
print("still running")
