# Cyclic garbage: how high memory rises above what is alive, with small and with 10 KB payloads, and what a full
# collection of many objects takes.
import gc
import time
from collections import deque


class Node:
    def __init__(self, payload):
        self.me = self
        self.payload = payload


def status(field):
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith(field):
                return int(line.split()[1])


def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass


def queue(live, steps, size):
    q = deque()
    for i in range(live):
        q.append(Node(bytearray(size)))
    gc.collect()
    base = status("VmRSS")
    reset_peak()
    for i in range(steps):
        q.append(Node(bytearray(size)))
        q.popleft()
    return base, status("VmHWM")


start = status("VmRSS")
for live, steps, size in (1000, 20_000, 10_000), (20_000, 400_000, 100):
    begin = time.perf_counter()
    base, peak = queue(live, steps, size)
    took = time.perf_counter() - begin
    print(f"{live} self-cycles with {size} B, peak over live: {(peak - start) / (base - start):.2f} x")
    print(f"{live} self-cycles with {size} B, a step: {took / (live + steps) * 1e9:.0f} ns")
    gc.collect()

begin = time.perf_counter()
data = [(i, []) for i in range(1_000_000)]
print(f"10^6 (i, []) built: {(time.perf_counter() - begin) * 1e3:.1f} ms")
data = [[i] for i in range(10_000_000)]
begin = time.perf_counter()
gc.collect()
print(f"gc.collect() of 10 M lists: {(time.perf_counter() - begin) * 1e3:.1f} ms")
