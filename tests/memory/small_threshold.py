# gc.set_threshold with a small number: a collection about every that many new containers.
import gc

begun = []
gc.callbacks.append(lambda phase, info: begun.append(info["generation"]) if phase == "start" else None)


def allocate(n):
    keep = []
    for i in range(n):
        keep.append([])
    return len(keep)


for threshold, least in (10, 100), (100, 25), (1000, 2):
    gc.set_threshold(threshold)
    del begun[:]
    allocate(5000)
    print(threshold, len(begun) >= least, len(begun) < 2 * 5000 / threshold)
gc.set_threshold(0)
del begun[:]
allocate(20000)
print(0, len(begun))
gc.set_threshold(2000, 10, 10)
gc.callbacks.clear()
