# == and is between builtin types, hash equality, identity of containers.
pairs = [
    (1, 1.0), (1, True), (0, False), ("a", b"a"), ([], ()), ({}, set()), (None, False), (1, "1"),
    (2**70, float(2**70)), (frozenset([1]), {1}), (range(0), range(1, 1)), (b"x", bytearray(b"x")),
    (1 + 0j, 1), (0.1 + 0.2, 0.3), ("é", "e\u0301"), ((1, [2]), (1, [2])), (slice(1), slice(1)),
]
for a, b in pairs:
    print(repr(a), repr(b), a == b, a != b, end=" ")
    try:
        print(hash(a) == hash(b) if a == b else "")
    except TypeError as e:
        print(e)
a = b = []
c = []
print(a is b, a is c, a == c, id(a) == id(b), id(a) == id(c), None is None, type(a) is list)
print(object() == object(), len is len, print == print, [].append == [].append, a.append == b.append)
print(int == int, (lambda: 0) == (lambda: 0))
o = object()
print(o == o, [o] == [o], o in [o], {o: 1}[o], hash(o) == hash(o), o != o, (o,) == (o,))
print(ascii("é"), repr("é"), ascii([1, "€"]), repr(None), ascii("\n"))
