# gc: thresholds, counts, statistics, freezing and its constants.
import gc

gc.collect()
print(gc.isenabled(), gc.get_threshold(), gc.get_count()[1:], gc.garbage, gc.callbacks)
gc.set_threshold(500)
print(gc.get_threshold())
gc.set_threshold(700, 5, 20)
print(gc.get_threshold())
gc.set_threshold(0)
print(gc.get_threshold()[0])
gc.set_threshold(2000, 10, 10)
gc.disable()
print(gc.isenabled())
gc.enable()
stats = gc.get_stats()
print(len(stats), sorted(stats[0])[:1], all(isinstance(v, int) for v in (s["collections"] for s in stats)))
before = gc.get_stats()[2]["collections"]
gc.collect()
print(gc.get_stats()[2]["collections"] - before)
print(gc.DEBUG_STATS, gc.DEBUG_COLLECTABLE, gc.DEBUG_UNCOLLECTABLE, gc.DEBUG_SAVEALL, gc.DEBUG_LEAK)
print(gc.get_debug())
x = []
print(any(o is x for o in gc.get_objects()), gc.is_finalized(x), gc.is_tracked(x), gc.get_freeze_count())
gc.freeze()
print(gc.get_freeze_count() > 0)
gc.unfreeze()
print(gc.get_freeze_count())
for call in (
    "gc.collect(5)", "gc.collect('a')", "gc.set_threshold()", "gc.set_threshold('a')",
    "gc.get_objects(generation=9)", "gc.is_tracked()", "gc.set_debug('x')",
):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
