# Long chains of instances, dicts, closures and generators are built and freed.
class Node:
    def __init__(self, next):
        self.next = next


def closure(inner):
    return lambda: inner


def generator(inner):
    yield inner


COUNT = 200_000
for title, step in {
    "instances": Node,
    "dicts": lambda inner: {"next": inner},
    "closures": closure,
    "generators": generator,
    "bound methods": lambda inner: [inner].append,
    "sets in tuples": lambda inner: (inner, {1}),
}.items():
    chain = None
    for _ in range(COUNT):
        chain = step(chain)
    print(title, "built")
    chain = None
    print(title, "freed")
