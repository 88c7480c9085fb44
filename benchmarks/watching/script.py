"""What the tools that watch memory are measured on: a million objects, a dict of a million keys, and churn."""


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


def build_objects(n):
    return [Point(i, float(i)) for i in range(n)]


def build_dict(n):
    d = {}
    for i in range(n):
        d["k%d" % i] = (i, i + 1)
    return d


def churn(n):
    total = 0
    for i in range(n):
        pair = [i, i + 1]
        total += len(str(i)) + len(pair)
    return total


def main():
    objects = build_objects(1_000_000)
    table = build_dict(1_000_000)
    print(len(objects), len(table), churn(6_000_000))


main()
