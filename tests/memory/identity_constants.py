# Equal constants of one compilation unit are one object, across its functions too.
def first():
    return "hello world!", (1, 2, "x"), 2.5, b"bytes here"


def second():
    return "hello world!", (1, 2, "x"), 2.5, b"bytes here"


for a, b in zip(first(), second()):
    print(repr(a), a is b)
folded = "ab" + "cd"
print("folded", folded is "abcd"[:])
left, right = "ab", "cd"
print("at run time", left + right is folded, left + right == folded)
name = first.__name__
print("names are interned", name[:] is name, name is first.__qualname__)
attribute = type("T", (), {"some_name": 1})
print("attribute names", [k for k in vars(attribute) if k == "some_name"][0] == "some_name")
