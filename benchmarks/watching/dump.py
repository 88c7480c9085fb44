"""Measures the dump of ten million objects: hognose benchmarks/watching/dump.py [FILE]"""

import sys
import time

import hognose.memory as mem


class Point:
    __slots__ = ("x", "y")


def build(n):
    root = []
    for i in range(n // 2):
        p = Point()
        p.x = (i, None)
        p.y = None
        root.append(p)
    return root


def peak_rss():
    try:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    except ImportError:
        return 0


root = build(10_000_000)
before, begin = peak_rss(), time.process_time()
size = mem.dump(sys.argv[1] if len(sys.argv) > 1 else "/dev/null")
seconds = time.process_time() - begin
print(f"pause {seconds:.2f} s, {size / 2**20:.0f} MiB written, {(peak_rss() - before) / 1024:.1f} MiB more memory")
