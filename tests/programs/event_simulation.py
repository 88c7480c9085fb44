# A queue of events in a binary heap drives a small shop with two tills.
class Heap:
    def __init__(self):
        self.items = []

    def push(self, item):
        items = self.items
        items.append(item)
        i = len(items) - 1
        while i and items[i] < items[(i - 1) // 2]:
            parent = (i - 1) // 2
            items[i], items[parent] = items[parent], items[i]
            i = parent

    def pop(self):
        items = self.items
        if not items:
            raise IndexError("pop from an empty heap")
        items[0], items[-1] = items[-1], items[0]
        smallest = items.pop()
        i = 0
        while (child := 2 * i + 1) < len(items):
            if child + 1 < len(items) and items[child + 1] < items[child]:
                child += 1
            if items[i] <= items[child]:
                break
            items[i], items[child] = items[child], items[i]
            i = child
        return smallest

    def __bool__(self):
        return bool(self.items)


class Random:
    """A linear congruential generator: the same numbers on every machine."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n


class Shop:
    def __init__(self, tills, seed):
        self.events, self.queue, self.free = Heap(), [], tills
        self.random, self.served, self.waited, self.longest = Random(seed), 0, 0, 0
        self.order = 0

    def at(self, time, action, *args):
        self.order += 1
        self.events.push((time, self.order, action.__name__, args))

    def arrive(self, now, customer):
        self.queue.append((now, customer))
        self.longest = max(self.longest, len(self.queue))
        if customer < 12:
            self.at(now + 1 + self.random.below(4), self.arrive, customer + 1)
        self.start(now)

    def start(self, now):
        while self.free and self.queue:
            arrived, customer = self.queue.pop(0)
            self.free -= 1
            self.waited += now - arrived
            self.at(now + 3 + self.random.below(5), self.leave, customer)

    def leave(self, now, customer):
        self.free += 1
        self.served += 1
        print(f"{now:>3} customer {customer:<2} leaves, {len(self.queue)} waiting")
        self.start(now)

    def run(self):
        self.at(0, self.arrive, 1)
        while self.events:
            now, _, name, args = self.events.pop()
            getattr(self, name)(now, *args)
        print(f"served {self.served}, mean wait {self.waited / self.served:.2f}, longest queue {self.longest}")


Shop(tills=2, seed=42).run()
heap, random = Heap(), Random(7)
numbers = [random.below(1000) for _ in range(200)]
for n in numbers:
    heap.push(n)
drained = []
while heap:
    drained.append(heap.pop())
print(drained == sorted(numbers), drained[:5], drained[-1])
try:
    heap.pop()
except IndexError as e:
    print(e)
