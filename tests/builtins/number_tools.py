# chr, ord, hex, oct, bin, abs, round, divmod, pow, int of odd things.
print(chr(65), ord("A"), hex(255), hex(-255), oct(8), bin(5), bin(-5), abs(-3), abs(-2.5), abs(3 + 4j))
print(divmod(7, 3), divmod(-7, 3), divmod(7.5, 2), pow(2, 3), pow(2, 3, 5))
print(round(2.5), round(3.5), round(2.567, 2), int(), int(3.9), int("0b11", 2), float(), complex(), bool())
print(str(), hex(0), bin(0), oct(0), hex(True))


class Like:
    def __index__(self):
        return 10

    def __abs__(self):
        return "abs"

    def __int__(self):
        return 11

    def __float__(self):
        return 12.5

    def __complex__(self):
        return 1j

    def __divmod__(self, other):
        return "divmod"

    def __pow__(self, other, mod=None):
        return other, mod


x = Like()
print(hex(x), bin(x), oct(x), abs(x), int(x), float(x), complex(x), divmod(x, 1), pow(x, 2), pow(x, 2, 3))
print(chr(x) == "\n", bytes(x) == bytes(10), range(x), [0] * x == [0] * 10)


class Bad:
    def __index__(self):
        return "x"

    def __int__(self):
        return 1.5

    def __float__(self):
        return 1


for call in (
    "hex(Bad())", "int(Bad())", "float(Bad())", "hex(1.5)", "bin('1')", "abs('x')", "abs(None)", "chr(1.5)",
    "chr(10**10)", "ord(5)", "ord('')", "ord(b'ab')", "divmod(1)", "pow(1)", "round('x')", "hex()",
    "int(x=1)", "oct(None)", "[0][Bad()]", "range(Bad())",
):
    try:
        print(call, eval(call))
    except (TypeError, ValueError, OverflowError) as e:
        print(call, "->", type(e).__name__, e)
