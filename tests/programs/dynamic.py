# Memoised dynamic programming: edit distance, knapsack, coins, longest common subsequence.
def memo(function):
    known = {}

    def wrapper(*args):
        if args not in known:
            wrapper.calls += 1
            known[args] = function(*args)
        return known[args]

    wrapper.calls = 0
    wrapper.known = known
    return wrapper


@memo
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@memo
def edit_distance(a, b):
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return edit_distance(a[1:], b[1:])
    return 1 + min(edit_distance(a[1:], b), edit_distance(a, b[1:]), edit_distance(a[1:], b[1:]))


@memo
def common(a, b):
    if not a or not b:
        return ""
    if a[0] == b[0]:
        return a[0] + common(a[1:], b[1:])
    return max(common(a[1:], b), common(a, b[1:]), key=len)


def coins(amount, kinds):
    ways = [1] + [0] * amount
    for kind in kinds:
        for total in range(kind, amount + 1):
            ways[total] += ways[total - kind]
    return ways[amount]


def knapsack(capacity, items):
    best = {0: (0, ())}
    for name, weight, value in items:
        for used, (worth, chosen) in sorted(best.items(), reverse=True):
            total = used + weight
            if total <= capacity and best.get(total, (-1,))[0] < worth + value:
                best[total] = worth + value, chosen + (name,)
    return max(best.values())


def longest_increasing(numbers):
    best = [[n] for n in numbers]
    for i, n in enumerate(numbers):
        for j in range(i):
            if numbers[j] < n and len(best[j]) >= len(best[i]):
                best[i] = best[j] + [n]
    return max(best, key=len)


@memo
def partitions(n, largest):
    if n == 0:
        return 1
    return sum(partitions(n - k, k) for k in range(1, min(n, largest) + 1))


def pascal(rows):
    row = [1]
    for _ in range(rows):
        yield row
        row = [a + b for a, b in zip([0] + row, row + [0])]


print(fibonacci(90), fibonacci.calls, len(fibonacci.known))
print(edit_distance("kitten", "sitting"), edit_distance("", "abc"), edit_distance("same", "same"))
print(common("nematode knowledge", "empty bottle"))
print(coins(100, (1, 5, 10, 25, 50)), coins(200, (1, 2, 5, 10, 20, 50, 100, 200)))
print(knapsack(10, [("map", 9, 15), ("rope", 4, 8), ("food", 5, 9), ("lamp", 1, 3)]))
print(longest_increasing([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9]))
print(partitions(50, 50), partitions(100, 100))
print(*pascal(8), sep="\n")
