# golden: hognose
# A MemoryError at the limit says where, how much, and what the memory is full of.
def fill():
    kept = []
    while True:
        kept.append("x" * 100_000)


try:
    fill()
except MemoryError as e:
    first, second = str(e).split("\n")
    print(first.split(" (")[0], "|", first[first.index(" at "):])
    print(second.split()[:2], "list" in second)
    print(e.limit == 16 << 20, 15 << 20 < e.in_use <= e.limit, e.requested)
    print(e.args == (str(e),))

# Without a limit there is no text.
import hognose.memory as mem

before = mem.limit(None)
try:
    [0] * (1 << 60)
except MemoryError as e:
    print(e.args)
mem.limit("24M")
try:
    fill()
except MemoryError as e:
    print(e.limit)
