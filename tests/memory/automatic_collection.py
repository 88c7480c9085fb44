# Cyclic garbage is collected without being asked, and never with the collector disabled.
import gc


class Ring:
    live = 0

    def __init__(self):
        Ring.live += 1
        self.me = self

    def __del__(self):
        Ring.live -= 1


gc.collect()
for _ in range(50_000):
    Ring()
print("most rings are gone", Ring.live < 25_000)
gc.collect()
print("all are gone", Ring.live)
gc.disable()
for _ in range(10_000):
    Ring()
print("disabled, all still there", Ring.live)
print("collected on demand", gc.collect() >= 10_000, Ring.live)
gc.enable()
gc.set_threshold(0)
for _ in range(10_000):
    Ring()
print("threshold 0, all still there", Ring.live)
gc.set_threshold(2000, 10, 10)
gc.collect()
print("end", Ring.live)
