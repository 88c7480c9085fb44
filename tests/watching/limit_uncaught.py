# golden: hognose
# A MemoryError at the limit that nobody catches ends the program with an exit code of its own.
import sys

sys.excepthook = lambda kind, error, traceback: print(kind.__name__, str(error)[:26])


def fill():
    kept = {}
    while True:
        kept[len(kept)] = [0] * 1000


fill()
