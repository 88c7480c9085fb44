# Slices of lists: reading, assigning, deleting, extended steps.
a = list(range(10))
print(a[2:5], a[:3], a[-3:], a[::3], a[::-1], a[8:2:-2], a[5:2], a[100:], a[-100:2], a[:-1:2])
a[2:4] = ["x"]
print(a)
a[1:1] = [100, 200]
print(a)
a[:2] = []
print(a)
a[::2] = ["e"] * len(a[::2])
print(a)
del a[1:3]
print(a)
del a[::2]
print(a)
a[len(a):] = range(3)
a[:] = a[::-1]
print(a)
a[1:] = a
print(a)
a[-1:0:-1] = a[1:]
print(a)
b = [1, 2, 3]
b[0:2] = "abc"
print(b, b[True], b[slice(1, 3)], b[:None], b[None::2])
for call in (
    "b[::2] = [1]", "b[0:1] = 5", "b[::0]", "b[1:2:0] = []", "b['a':]", "b[1.5:]", "del b[::0]", "del b[10]",
    "b[10] = 1",
):
    try:
        exec(call)
    except (ValueError, TypeError, IndexError) as e:
        print(call, "->", type(e).__name__, e)
nested = [[0] * 2 for _ in range(2)]
nested[0][1] = nested[1][:] = [7]
print(nested)
