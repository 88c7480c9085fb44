# Lambdas: defaults, star arguments, nesting, immediate calls.
print((lambda: 1)(), (lambda x, y=2: x + y)(1), (lambda *a, **k: (a, k))(1, 2, z=3))
print((lambda x: (lambda y: x * y))(6)(7))
print((lambda n, /, *, k: (n, k))(1, k=2))
compose = lambda *fs: lambda x: x if not fs else compose(*fs[1:])(fs[0](x))
print(compose(lambda x: x + 1, lambda x: x * 10, str)(4))
factorial = (lambda f: f(f))(lambda f: lambda n: 1 if n < 2 else n * f(f)(n - 1))
print(factorial(10))
table = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b}
print([op(7, 3) for op in table.values()])
print(sorted(["bb", "a", "ccc"], key=lambda s: -len(s)))
print((lambda x: x if x > 0 else -x)(-5), (lambda: (yield))().__class__.__name__)
