# A closure cell is one reference; the namespace of exec is one too.
import sys


def make():
    captured = []

    def count():
        return sys.getrefcount(captured)

    return count


print("cell", make()())
counter = make()
print("the cell's content", sys.getrefcount(counter.__closure__[0].cell_contents))

space = {}
exec("import sys\nvalue = []\ncount = sys.getrefcount(value)", space)
print("exec", space["count"])


def through_globals():
    global G
    G = []
    return sys.getrefcount(G)


print("global", through_globals())
shared = []


def default(a=shared):
    return None


print("a default value", sys.getrefcount(shared))
default.__defaults__ = None
print("without it", sys.getrefcount(shared))
