# bool is an int with two values and its own text.
print(True + True, True * 5, False - 1, True / 2, True // 1, -True, +False, True**2, 3 % True, True << 2)
print(sum([True, False, True]))
print(True & False, True | False, True ^ True, True & 1, 2 | True, True ^ 3, not True, (True & True) is True)
print(type(True & 1).__name__, type(True | False).__name__)
print(True == 1, False == 0.0, True < 2, True == "True", isinstance(True, int), issubclass(bool, int))
print(hash(True), int(True), float(False), str(True), repr(False), f"{True:d} {True:5} {True!r}")
print(bool(), bool("False"), bool(0.0), bool([0]), bool(None), {True: "a", 1: "b", 1.0: "c"}, [10, 20][True])
print("ab"[False], range(5)[True], list(range(True)))
print(bool.__mro__[1].__name__, True.real, True.bit_length(), True.to_bytes(1), max(True, 2))
print(min(False, 0) is False, sorted([2, True, 0, False]), "%d %s" % (True, True))
print(5 == 5.0, 0.5 == 1 / 2, 2**53 == 2.0**53, 2**53 + 1 == 2.0**53, 2**53 + 1 > 2.0**53, 10**16 < 1e16 + 2)
print(1 < 1.5 < 2, 3 > 2.999, -1 < -0.5, 0 == -0.0, 1 in [1.0], {1: "int"}[1.0], {1, 1.0, True})
try:
    class B(bool):
        pass
except TypeError as e:
    print(e)
try:
    bool(1, 2)
except TypeError as e:
    print(e)
