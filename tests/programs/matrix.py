# Matrices with operators: products, powers, determinants and inverses in exact fractions.
import math


class Fraction:
    __slots__ = ("n", "d")

    def __init__(self, n, d=1):
        if d == 0:
            raise ZeroDivisionError("denominator is zero")
        g = math.gcd(n, d) * (1 if d > 0 else -1)
        self.n, self.d = n // g, d // g

    def __add__(self, o):
        o = o if isinstance(o, Fraction) else Fraction(o)
        return Fraction(self.n * o.d + o.n * self.d, self.d * o.d)

    __radd__ = __add__

    def __neg__(self):
        return Fraction(-self.n, self.d)

    def __sub__(self, o):
        return self + -o

    def __mul__(self, o):
        return Fraction(self.n * o.n, self.d * o.d)

    def __truediv__(self, o):
        return Fraction(self.n * o.d, self.d * o.n)

    def __bool__(self):
        return self.n != 0

    def __eq__(self, o):
        return (self.n, self.d) == ((o.n, o.d) if isinstance(o, Fraction) else (o, 1))

    def __repr__(self):
        return str(self.n) if self.d == 1 else f"{self.n}/{self.d}"


class Matrix:
    def __init__(self, rows):
        self.rows = [[x if isinstance(x, Fraction) else Fraction(x) for x in row] for row in rows]
        if len({len(row) for row in self.rows}) != 1:
            raise ValueError("rows of different length")

    @classmethod
    def identity(cls, n):
        return cls([[int(i == j) for j in range(n)] for i in range(n)])

    @property
    def shape(self):
        return len(self.rows), len(self.rows[0])

    def __matmul__(self, other):
        if self.shape[1] != other.shape[0]:
            raise ValueError(f"shapes {self.shape} and {other.shape} do not fit")
        columns = list(zip(*other.rows))
        return Matrix([[sum(a * b for a, b in zip(row, col)) for col in columns] for row in self.rows])

    def __pow__(self, n):
        result, base = Matrix.identity(len(self.rows)), self
        while n:
            if n & 1:
                result = result @ base
            base, n = base @ base, n >> 1
        return result

    def inverse(self):
        n = len(self.rows)
        work = [row + unit for row, unit in zip(self.rows, Matrix.identity(n).rows)]
        for i in range(n):
            pivot = next((r for r in range(i, n) if work[r][i]), None)
            if pivot is None:
                raise ZeroDivisionError("singular matrix")
            work[i], work[pivot] = work[pivot], work[i]
            work[i] = [x / work[i][i] for x in work[i]]
            for r in range(n):
                if r != i and work[r][i]:
                    work[r] = [x - work[r][i] * y for x, y in zip(work[r], work[i])]
        return Matrix([row[n:] for row in work])

    def __eq__(self, other):
        return self.rows == other.rows

    def __str__(self):
        return "\n".join(" ".join(f"{x!r:>6}" for x in row) for row in self.rows)


a = Matrix([[2, 1, 0], [1, 3, 1], [0, 1, 4]])
print(a @ a)
print(a.inverse())
print(a @ a.inverse() == Matrix.identity(3), a.inverse().inverse() == a)
print((Matrix([[1, 1], [1, 0]]) ** 200).rows[0][1])
print(Matrix([[1, 2, 3]]) @ Matrix([[1], [2], [3]]), Matrix([[1, 2, 3]]).shape)
for action in (
    lambda: a @ Matrix([[1]]), lambda: Matrix([[1, 2], [2, 4]]).inverse(), lambda: Matrix([[1], [1, 2]]),
):
    try:
        action()
    except (ValueError, ZeroDivisionError) as e:
        print(type(e).__name__, e)
