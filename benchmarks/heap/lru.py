# A least-recently-used cache of 2 M entries: a dict and a ring of nodes, half of the requests are for new keys.
import time


class Node:
    __slots__ = ("key", "value", "prev", "next")


class Cache:
    def __init__(self, size):
        self.size = size
        self.table = {}
        self.root = root = Node()
        root.prev = root.next = root

    def get(self, key):
        node = self.table.get(key)
        if node is None:
            node = Node()
            node.key = key
            node.value = [key]
            self.table[key] = node
            if len(self.table) > self.size:
                old = self.root.next
                self.root.next = old.next
                old.next.prev = self.root
                del self.table[old.key]
        else:
            node.prev.next = node.next
            node.next.prev = node.prev
        root = self.root
        last = root.prev
        node.prev = last
        node.next = root
        last.next = node
        root.prev = node
        return node.value


def main(size, steps):
    clock = time.thread_time_ns
    cache = Cache(size)
    for i in range(size):
        cache.get(i)
    x = 1
    gaps = [0] * steps
    begin = last = clock()
    for i in range(steps):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        cache.get(x % (2 * size))
        now = clock()
        gaps[i] = now - last
        last = now
    print(f"a request: {(last - begin) / steps:.0f} ns")
    gaps.sort()
    for what, share in ("p99.9", 0.999), ("max", 1):
        print(f"pause {what}: {gaps[min(steps - 1, int(steps * share))] / 1000:.1f} us")


main(2_000_000, 2_000_000)
