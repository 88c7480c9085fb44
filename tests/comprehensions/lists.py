# List comprehensions: filters, nested loops, conditions, scopes.
print([x * x for x in range(6)])
print([x for x in range(20) if x % 2 if x % 3])
print([(x, y) for x in range(3) for y in "ab" if x != 1])
print([[row * col for col in range(1, 4)] for row in range(1, 4)])
print(["even" if x % 2 == 0 else "odd" for x in range(3)])
matrix = [[1, 2, 3], [4, 5, 6]]
print([cell for row in matrix for cell in row])
print([[row[i] for row in matrix] for i in range(3)])
x = "untouched"
squares = [x for x in range(3)]
print(x, squares)
print([a + b for a, b in [(1, 2), (3, 4)]], [head for head, *_ in ["abc", "de"]])
print([i for i in range(5) if (lambda n: n > 2)(i)])
print([(lambda: i)() for i in range(3)], [f() for f in [lambda: i for i in range(3)]])
print([w.upper() for w in "the quick fox".split() if len(w) > 3])
print([*[n for n in range(2)], *(n for n in range(2))])
