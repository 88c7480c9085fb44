# gc.callbacks are called before and after each collection; DEBUG_SAVEALL keeps what was found.
import gc


class Node:
    pass


def watch(phase, info):
    print(phase, info["generation"], info["collected"] if phase == "stop" else "", info["uncollectable"])


gc.collect()
gc.callbacks.append(watch)
n = Node()
n.me = n
del n
print("found", gc.collect())
gc.collect(0)
gc.callbacks.remove(watch)
gc.set_debug(gc.DEBUG_SAVEALL)
n = Node()
n.me = n
n.name = "saved"
del n
found = gc.collect()
print("found", found > 0, [o.name for o in gc.garbage if isinstance(o, Node)])
gc.set_debug(0)
gc.garbage.clear()
print("found", gc.collect() > 0, gc.garbage)
