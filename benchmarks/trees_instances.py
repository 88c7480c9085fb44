# Binary search trees of class instances: attributes followed and rebound.


class Node:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def insert(root, key):
    node = root
    while True:
        if key < node.key:
            if node.left is None:
                node.left = Node(key)
                return True
            node = node.left
        elif key > node.key:
            if node.right is None:
                node.right = Node(key)
                return True
            node = node.right
        else:
            return False


def depth(node):
    if node is None:
        return 0
    left = depth(node.left)
    right = depth(node.right)
    return 1 + (left if left > right else right)


def total(node):
    if node is None:
        return 0
    return total(node.left) + node.key + total(node.right)


checksum = 0
for seed in range(1, 25):
    state = seed
    root = Node(1 << 20)
    size = 1
    for _ in range(25_000):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        if insert(root, state >> 11):
            size += 1
    checksum += size + depth(root) + total(root)
print(checksum)
