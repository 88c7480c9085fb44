# golden: hognose
# hognose.memory: retained sizes, paths, snapshots, budgets.
import hognose.memory as mem


class Session:
    def __init__(self, name):
        self.name = name
        self.items = [[n] for n in range(100)]


class Store:
    pass


STORE = Store()
STORE.sessions = {"alpha": Session("a"), "beta": Session("b")}

one = STORE.sessions["alpha"].items[3]
print(mem.why(one))
del one
print(mem.why(STORE.sessions["beta"]))
print(mem.why(5))
alone = mem.retained(STORE.sessions["alpha"].items)
inside = mem.sizeof(STORE.sessions["alpha"].items) + sum(map(mem.sizeof, STORE.sessions["alpha"].items))
print(alone == inside, mem.retained(STORE) > 2 * alone, mem.retained(7))


def local():
    secret = Session("local")
    return mem.why(secret.items)


print(local())
with mem.watch():
    before = mem.snapshot()
    kept = [str(n) * 50 for n in range(500)]
    changes = mem.diff(before, mem.snapshot())
print(changes[0][0].endswith("questions.py:37"), changes[1][0], changes[1][2] >= 500)
try:
    with mem.budget("1M"):
        big = [0] * 10_000_000
except mem.BudgetExceeded as e:
    print(e, type(e.__cause__).__name__)
print(mem.limit())
with mem.budget("1M"):
    small = [0] * 1000
print(len(small))

from memory_profiler import profile


@profile
def marked():
    return "marked functions run as they are"


print(marked())
