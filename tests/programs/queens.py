# N queens: all solutions by backtracking, by generators and by bit masks.
def solve(n):
    columns, board = [], []

    def safe(row, col):
        return all(c != col and abs(c - col) != row - r for r, c in enumerate(columns))

    def place(row):
        if row == n:
            board.append(tuple(columns))
            return
        for col in range(n):
            if safe(row, col):
                columns.append(col)
                place(row + 1)
                columns.pop()

    place(0)
    return board


def generate(n, placed=()):
    if len(placed) == n:
        yield placed
        return
    row = len(placed)
    for col in set(range(n)) - set(placed):
        if all(abs(col - c) != row - r for r, c in enumerate(placed)):
            yield from generate(n, placed + (col,))


def count(n, columns=0, left=0, right=0):
    full = (1 << n) - 1
    if columns == full:
        return 1
    total = 0
    free = full & ~(columns | left | right)
    while free:
        bit = free & -free
        free ^= bit
        total += count(n, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return total


def draw(solution):
    return "\n".join(" ".join("Q" if c == col else "." for c in range(len(solution))) for col in solution)


def canonical(solution):
    n = len(solution)
    variants = []
    for _ in range(4):
        solution = tuple(solution.index(n - 1 - i) for i in range(n))
        variants += [solution, solution[::-1]]
    return min(variants)


for n in range(1, 8):
    found = solve(n)
    print(n, len(found), count(n), len({canonical(s) for s in found}), sorted(generate(n)) == found)
print(draw(solve(6)[0]))
print(count(8), solve(8)[0])
