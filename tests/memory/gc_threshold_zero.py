# The first threshold switches automatic collections off without disabling the collector.
import gc


class Ring:
    def __init__(self):
        self.me = self


def rings_left(n):
    for _ in range(n):
        Ring()
    return sum(type(o) is Ring for o in gc.get_objects())


gc.collect()
old = gc.get_threshold()
gc.set_threshold(0)
print(gc.isenabled(), gc.get_threshold()[0], rings_left(50_000) == 50_000)
gc.enable()
print(gc.isenabled(), rings_left(10_000) == 60_000)
gc.set_threshold(*old)
gc.disable()
print(gc.isenabled(), gc.get_threshold() == old, rings_left(10_000) == 70_000)
gc.set_threshold(500)
print(gc.isenabled(), rings_left(10_000) == 80_000)
gc.enable()
gc.collect()
print(gc.isenabled(), rings_left(200_000) < 200_000)
