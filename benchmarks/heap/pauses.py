# Pauses of a loop that churns small cycles beside many live objects: each step is timed, by the thread's own clock so
# that other programs on the machine do not count.
import time


class Node:
    __slots__ = ("a", "b")


def live(n):
    return [(i, [i]) for i in range(n // 2)]


def churn(steps):
    clock = time.thread_time_ns
    gaps = [0] * steps
    keep = [None] * 1000
    last = clock()
    for i in range(steps):
        a = Node()
        b = Node()
        a.a = b
        b.a = a
        a.b = [i]
        keep[i % 1000] = a
        now = clock()
        gaps[i] = now - last
        last = now
    return gaps


def show(name, gaps):
    gaps.sort()
    for what, share in ("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1):
        at = min(len(gaps) - 1, int(len(gaps) * share))
        print(f"{name} {what}: {gaps[at] / 1000:.2f} us")


for millions in 1, 10:
    data = live(millions * 1_000_000)
    begin = time.perf_counter()
    gaps = churn(1_000_000)
    print(f"{millions} M live, a step: {(time.perf_counter() - begin) * 1000:.1f} ns")
    show(f"{millions} M live, pause", gaps)
    del data
