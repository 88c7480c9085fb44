# Running out of memory while code objects are made leaves whole objects only.
import itertools

text = "def f(x=1):\n  return [x for x in range(10)]"
for _ in range(2):
    kept = []
    try:
        while True:
            kept.append(compile(text, "a", "exec"))
    except MemoryError:
        kept = None
        print("MemoryError")
try:
    exec("x = 1\n" * 1000000)
except MemoryError:
    print("MemoryError")
try:
    a, *b = itertools.count()
except MemoryError:
    print("MemoryError")
a, *b, c = iter(range(5))
print(a, b, c)
