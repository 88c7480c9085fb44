# Signatures of built-in functions, methods and classes as `inspect` reads them.
for f in (len, sorted, print, isinstance, str.split, list.append, dict.get, dict.pop, int.to_bytes, list().index):
    print(f.__name__, f.__text_signature__)
for c in (int, str, object, list, tuple, float, complex, enumerate, property, reversed, type, memoryview, map):
    print(c.__name__, c.__text_signature__)


class A:
    pass


print(A.__text_signature__)
