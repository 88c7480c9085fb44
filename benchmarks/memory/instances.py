# A list of a million instances with two attributes.


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


points = [Point(i, i + 1) for i in range(1_000_000)]
total = 0
for p in points:
    total += p.y - p.x
print(len(points), total)
