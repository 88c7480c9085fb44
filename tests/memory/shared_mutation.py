# Names share objects: assignment never copies, slices and copy() do.
row = [0, 0]
grid = [row] * 2
grid[0][0] = 1
print("shared rows", grid)
grid = [row[:] for _ in range(2)]
grid[0][0] = 9
print("own rows", grid, row)


def append_to(target, value=[]):
    value.append(1)
    target.append(2)
    return value


mine = []
print("default is one object", append_to(mine), append_to(mine), mine)
a = b = {"x": 1}
b["y"] = 2
print("alias", a, a is b)
c = a.copy()
c["z"] = 3
print("copy", a, c)
t = (mine, 1)
t[0].append("inside")
print("a tuple's element may change", t)
