# Floor division and modulo with every combination of signs.
for a in (7, -7, 6, -6, 0):
    for b in (3, -3):
        print(a, b, "//", a // b, "%", a % b, "/", round(a / b, 4), divmod(a, b), a == (a // b) * b + a % b)
for a in (7.5, -7.5):
    for b in (2.0, -2.0):
        print(a, b, a // b, a % b, divmod(a, b))
print(-1 % 5, -1 // 5, 1 % -5, 5 % 5.0, -0.0 % 5, 3 % float("inf"), -3 % float("inf"), 3 // float("inf"))
print(-3 // float("inf"))
print(10**30 // 7, -(10**30) // 7, 10**30 % 7, -(10**30) % 7, 10**30 / 10**28, 10**400 / 10**399, True // 2)
print(2**70 // -(2**35))
for call in (
    "1 / 0", "1 // 0", "1 % 0", "1.0 / 0", "1.0 // 0.0", "1.0 % 0", "divmod(1, 0)", "divmod(1.0, 0)",
    "0 ** -1", "0.0 ** -1", "1j / 0", "pow(0, -1, 5)", "10**400 / 3", "pow(2, 3, 0)", "2.0 ** 5000",
    "10**400 * 1.0", "True / False",
):
    try:
        print(call, eval(call))
    except (ArithmeticError, ValueError) as e:
        print(call, "->", type(e).__name__, e)
