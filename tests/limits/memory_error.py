# golden: hognose
# A program that reaches the heap limit gets a MemoryError, lets go of its data and runs on.
x = []
try:
    while True:
        x.append("a" * 1000)
except MemoryError as e:
    print("caught", type(e).__name__)
print("data is still there", len(x) > 1000, x[0] == "a" * 1000, x[-1] == x[0])
x = None
print("dropped")
again = ["b" * 1000 for _ in range(10_000)]
print("allocated again", len(again), again[-1][:3])
again = None


def grow():
    local = {}
    while True:
        local[len(local)] = [0] * 100


for attempt in range(3):
    try:
        grow()
    except MemoryError:
        pass
    print("attempt", attempt, "survived")
print("end")
