# Heaps and sorted lists.
import bisect
import heapq
import random

def t(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e)



rng = random.Random(5)
data = [rng.randrange(1000) for _ in range(200)]
h = []
for x in data:
    heapq.heappush(h, x)
print([heapq.heappop(h) for _ in range(200)] == sorted(data))
h = data[:]
heapq.heapify(h)
print(h, heapq.heappushpop(h, 500), heapq.heapreplace(h, 3), heapq.nsmallest(3, data), heapq.nlargest(3, data))
m = data[:]
heapq.heapify_max(m)
heapq.heappush_max(m, 77)
print([heapq.heappop_max(m) for _ in range(201)] == sorted(data + [77], reverse=True))
print(list(heapq.merge([1, 4], [2, 3])))
a = [1, 2, 2, 3]
print(bisect.bisect_left(a, 2), bisect.bisect(a, 2), bisect.bisect_left(a, 2, 2), bisect.bisect_right(a, -5, key=lambda v: -v))
bisect.insort(a, 2.5)
bisect.insort_left(a, 0, key=None)
print(a)
t(
    lambda: bisect.bisect_left([1, 2], 5, -1),
    lambda: bisect.bisect([1], 2, 0, 9),
    lambda: bisect.insort([1], "a"),
    lambda: bisect.bisect(3, 1),
    lambda: heapq.heappop([]),
    lambda: heapq.heappush((1,), 2),
    lambda: heapq.heapify(3),
    lambda: heapq.heapreplace([], 1),
)
