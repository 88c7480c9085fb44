# An exception leaves a comprehension without a partial result, and variables stay clean.
def check(n):
    if n == 3:
        raise ValueError(f"bad {n}")
    return n


result = "unchanged"
try:
    result = [check(n) for n in range(5)]
except ValueError as e:
    print(e)
print(result, "n" in globals())
try:
    {n: check(n) for n in (1, 3)}
except ValueError as e:
    print(e)
try:
    [a for a, b in [(1, 2), (3,)]]
except ValueError as e:
    print(e)
try:
    [x for x in None]
except TypeError as e:
    print(e)
n = "outer"
try:
    [1 // n for n in (1, 0)]
except ZeroDivisionError as e:
    print(e, n)


def walk():
    seen = []
    try:
        return [seen.append(i) or 10 // (2 - i) for i in range(5)]
    except ZeroDivisionError:
        return seen


print(walk())
