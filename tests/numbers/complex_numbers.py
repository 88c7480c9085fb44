# Complex arithmetic, parts, text and messages.
a, b = 3 + 4j, 1 - 2j
print(a + b, a - b, a * b, a / b, -a, +a, abs(a), a.real, a.imag, a.conjugate(), a == 3 + 4j, a != b, a**2)
print(a**0, 2**a == 2**a)
print(1j * 1j, (1 + 0j) == 1, hash(1 + 0j) == hash(1), complex(1), complex(1, 2), complex("1+2j"))
print(complex("j"), complex(" -3.5j "), complex("(1-1j)"), complex(1.5, -0.0))
print(0j, -0j, 1e20j, 1.5e-7 - 1j, complex(0, -1), complex(-0.0, 1), complex("inf"), complex("nanj"), str(2j))
print(repr(1 + 0j), bool(0j), bool(1j))
print(a + 1, 1 + a, a * 2.5, 5 / (1 + 2j), True + 1j, sum([1j, 2, 3.5]), (1 + 2j) ** 3, (0j) ** 2)
print(4 ** 0.5 + 0j)
for call in (
    "a < b", "a // b", "a % b", "int(a)", "float(a)", "complex('x')", "complex('1 + 2j')", "complex([])",
    "complex('1', 2)", "a / 0", "0j ** -1", "divmod(a, b)", "round(a)", "complex(1, '2')", "a.real = 1",
    "abs(1e308 + 1e308j)",
):
    try:
        exec(call) if "=" in call else print(call, eval(call))
    except (TypeError, ValueError, ArithmeticError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
