# The game of life on an unbounded plane: gliders move, oscillators repeat.
class Life:
    def __init__(self, cells):
        self.cells = frozenset(cells)

    @classmethod
    def parse(cls, text):
        return cls((x, y) for y, row in enumerate(text.split("/")) for x, c in enumerate(row) if c == "#")

    @staticmethod
    def around(cell):
        x, y = cell
        return {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} - {cell}

    def step(self):
        counts = {}
        for cell in self.cells:
            for neighbour in self.around(cell):
                counts[neighbour] = counts.get(neighbour, 0) + 1
        return Life(c for c, n in counts.items() if n == 3 or n == 2 and c in self.cells)

    def generations(self):
        life = self
        while True:
            yield life
            life = life.step()

    def bounds(self):
        xs, ys = zip(*self.cells)
        return min(xs), min(ys), max(xs), max(ys)

    def shape(self):
        left, top, *_ = self.bounds()
        return frozenset((x - left, y - top) for x, y in self.cells)

    def period(self, limit=50):
        for n, life in enumerate(self.generations()):
            if n and life.cells and life.shape() == self.shape():
                (a, b, *_), (c, d, *_) = self.bounds(), life.bounds()
                return n, (c - a, d - b)
            if n > limit or not life.cells:
                return n, None

    def __len__(self):
        return len(self.cells)

    def __eq__(self, other):
        return self.cells == other.cells

    def __str__(self):
        if not self.cells:
            return "(empty)"
        left, top, right, bottom = self.bounds()
        rows = range(top, bottom + 1)
        return "\n".join("".join(".#"[(x, y) in self.cells] for x in range(left, right + 1)) for y in rows)


glider = Life.parse(".#./..#/###")
for n, life in zip(range(5), glider.generations()):
    print(n, len(life), life.bounds())
    print(life)
for name, text in {
    "block": "##/##", "blinker": "###", "toad": ".###/###.", "glider": ".#./..#/###", "dying": "##",
    "ship": ".#..#/#..../#...#/####.",
}.items():
    print(name, Life.parse(text).period())
pentomino = Life.parse(".##/##./.#.")
print([len(life) for life, _ in zip(pentomino.generations(), range(20))])
print(glider == Life.parse(".#./..#/###"), glider.step() == glider)
print(Life([]))
