# golden: hognose
# Every way of asking for too much ends in a MemoryError that can be caught.
class Node:
    def __init__(self, next):
        self.next = next


def numbers():
    yield from range(10**9)


def append():
    items = []
    while True:
        items.append([])


def fill():
    table = {}
    while True:
        table[len(table)] = str(len(table))


def double():
    text = "ab"
    while True:
        text += text


def chain():
    node = None
    while True:
        node = Node(node)


def closures():
    kept = []
    while True:
        kept.append(lambda n=len(kept): n)


def attempt(title, action):
    try:
        action()
        outcome = "finished"
    except MemoryError:
        outcome = "MemoryError"
    print(title, outcome)


attempt("bytearray", lambda: bytearray(10**9))
attempt("list of zeros", lambda: [0] * 10**9)
attempt("str", lambda: "a" * 10**9)
attempt("join", lambda: "x".join(["y" * 1000] * 10**6))
attempt("shift", lambda: 1 << 10**10)
for action in (append, fill, double, chain, closures):
    attempt(action.__name__, action)
attempt("list of a generator", lambda: list(numbers()))
attempt("set of a generator", lambda: set(numbers()))
attempt("tuple of a range", lambda: tuple(range(10**9)))
attempt("sorted", lambda: sorted(numbers()))
print("the interpreter still works", sum(range(1000)), "-".join(map(str, range(3))))
