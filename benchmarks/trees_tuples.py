# Binary trees of tuples: many small objects that live and die together.


def make(depth):
    if depth == 0:
        return (None, None)
    depth -= 1
    return (make(depth), make(depth))


def check(node):
    left, right = node
    if left is None:
        return 1
    return 1 + check(left) + check(right)


def run(depth_max):
    total = check(make(depth_max + 1))
    long_lived = make(depth_max)
    for depth in range(4, depth_max + 1, 4):
        count = 1 << (depth_max - depth + 4)
        for _ in range(count):
            total += check(make(depth))
    return total + check(long_lived)


print(run(16))
