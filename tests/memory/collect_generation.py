# Young cycles are found by a collection of the first generation; bad arguments are refused.
import gc

gc.collect()
cycle = []
cycle.append(cycle)
del cycle
print("generation 0", gc.collect(0))
print("counts after a full collection", gc.collect(), gc.get_count())
for bad in (-1, 3):
    try:
        gc.collect(bad)
    except ValueError as e:
        print(bad, e)
gc.disable()
print("enabled", gc.isenabled())
cycle = []
cycle.append(cycle)
del cycle
print("an explicit collection still works", gc.collect())
gc.enable()
print("enabled", gc.isenabled())
