# Dropping large structures: how long the statement takes, and the longest step of the loop after it.
import time


class Link:
    __slots__ = ("next",)


def tree(depth):
    return (tree(depth - 1), tree(depth - 1)) if depth else None


def chain(n):
    head = None
    for _ in range(n):
        link = Link()
        link.next = head
        head = link
    return head


def measure(name, make):
    clock = time.thread_time_ns
    data = make()
    begin = clock()
    del data
    last = clock()
    print(f"{name}, del: {(last - begin) / 1000:.1f} us")
    keep = [None] * 100
    worst = 0
    for i in range(500_000):
        keep[i % 100] = [i]
        now = clock()
        if now - last > worst:
            worst = now - last
        last = now
    print(f"{name}, longest step after: {worst / 1000:.1f} us")


measure("tree of 8 M tuples", lambda: tree(23))
measure("chain of 10 M nodes", lambda: chain(10_000_000))
measure("list of 5 M lists", lambda: [[i] for i in range(5_000_000)])
measure("dict of 2 M lists", lambda: {i: [i] for i in range(2_000_000)})
measure("set of 2 M strings", lambda: {str(i) for i in range(2_000_000)})
