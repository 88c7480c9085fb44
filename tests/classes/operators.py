# Arithmetic operators with reflected and in-place forms.
class Num:
    def __init__(self, v):
        self.v = v

    def __repr__(self):
        return f"Num({self.v})"

    def __add__(self, other):
        if isinstance(other, Num):
            return Num(self.v + other.v)
        if isinstance(other, int):
            return Num(self.v + other)
        return NotImplemented

    def __radd__(self, other):
        return f"radd({other})"

    def __sub__(self, other):
        return f"sub({other})"

    def __rsub__(self, other):
        return f"rsub({other})"

    def __iadd__(self, other):
        self.v += other
        return self

    def __matmul__(self, other):
        return "matmul"

    def __neg__(self):
        return Num(-self.v)

    def __pos__(self):
        return "pos"

    def __invert__(self):
        return "invert"

    def __pow__(self, exponent, modulo=None):
        return ("pow", exponent, modulo)

    def __divmod__(self, other):
        return ("divmod", other)

    def __abs__(self):
        return "abs"


n = Num(5)
print(n + Num(1), n + 2, 2 + n, n - 1, 1 - n)
alias = n
n += 10
print(n, alias is n, -n, +n, ~n, abs(n), n @ 1, n**2, pow(n, 2, 3), divmod(n, 4))
n -= 1
print(n)
for action in ("Num(1) + 'x'", "Num(1) * 2", "2 / Num(1)", "Num(1) << 1", "Num(1) & Num(1)", "1 @ 2"):
    try:
        print(eval(action))
    except TypeError as e:
        print(e)
