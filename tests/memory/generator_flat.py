# A generator pipeline holds a few objects at a time, a list holds all of them.
class Item:
    live = 0
    peak = 0

    def __init__(self, n):
        self.n = n
        Item.live += 1
        Item.peak = max(Item.peak, Item.live)

    def __del__(self):
        Item.live -= 1


def items(count):
    for n in range(count):
        yield Item(n)


def measure(title, run):
    Item.peak = Item.live
    print(title, "result", run(), "few" if Item.peak < 5 else Item.peak, "live after", Item.live)


measure("generator", lambda: sum(item.n for item in items(10_000)))
measure("pipeline", lambda: sum(n for n in (i.n * 2 for i in items(10_000)) if n % 3 == 0))
measure("list", lambda: sum([item.n for item in [Item(n) for n in range(10_000)]]))
