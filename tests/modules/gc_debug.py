# gc: what the debug flags print, statistics by generation, callbacks that fail.
import gc
import sys


class Lines:
    """Prints whole lines, without what differs from run to run."""

    rest = ""

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            words = line.split()
            if words[:2] == ["gc:", "collectable"]:
                print(" ".join(words[:3]))
            elif words[:3] == ["gc:", "objects", "in"]:
                print(" ".join(words[:4]), len(words))
            elif words[:2] == ["gc:", "done,"]:
                print(" ".join(words[:-2]))
            elif not line.lstrip().startswith("File"):
                print(line.split(" at 0x")[0])

    def flush(self):
        pass


class Node:
    pass


def ring():
    node = Node()
    node.me = node


gc.disable()
gc.collect()
sys.stderr = Lines()
gc.set_debug(gc.DEBUG_COLLECTABLE)
ring()
print(gc.collect())
loop = []
loop.append(loop)
del loop
print(gc.collect(), gc.garbage)
gc.set_debug(gc.DEBUG_STATS)
ring()
gc.collect()
gc.collect(0)
gc.set_debug(gc.DEBUG_LEAK)
ring()
print(gc.collect(), [type(o).__name__ for o in gc.garbage if type(o) is Node])
gc.set_debug(0)
gc.garbage.clear()
before = [row["collections"] for row in gc.get_stats()]
for generation in (0, 1, 1, 2):
    gc.collect(generation)
print([row["collections"] - n for row, n in zip(gc.get_stats(), before)])


def bad(phase, info):
    raise ValueError(phase, info["generation"])


for callback in (bad, 5):
    gc.callbacks.append(callback)
    gc.collect(1)
    gc.callbacks.clear()
for wrong in (-1, -2, 3, "a"):
    try:
        gc.get_objects(wrong)
    except (ValueError, TypeError) as e:
        print(wrong, e)
