# Generator expressions are lazy; only the first iterable is evaluated at once.
def say(x):
    print("eval", x)
    return x


g = (say(x) * y for x in say([1, 2]) for y in (10, 20) if y > x * 10)
print("made")
print(next(g))
print(list(g))
print(sum(x * x for x in range(10)), max((len(w), w) for w in ["a", "ccc", "bb"]))
print(dict((k, v) for k, v in zip("ab", (1, 2))), any(x > 3 for x in [1, 5]), all(x for x in []))
x = "outer"
print(list(x for x in "ab"), x)
numbers = [1, 2, 3]
doubled = (n * 2 for n in numbers)
numbers.append(4)
print(list(doubled))
try:
    (1 for _ in 5)
except TypeError as e:
    print(e)
nested = ((i, j) for i in range(3) for j in range(i))
print(*nested)
print(type(nested).__name__, nested.__name__, nested.__qualname__)
