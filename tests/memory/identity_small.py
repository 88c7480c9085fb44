# Identity that Python programs rely on: singletons and small values.
def one():
    return None


print(one() is None, (not 1) is False, (1 == 1) is True)
a = 100
b = int("100")
print("small ints", a is b, int("-5") is -5 + 0, int("256") is int("256"))
empty = "".join([])
print("empty str", empty is "".join(()), str() is empty)
print("empty tuple", tuple([]) is tuple(()), tuple() is tuple([]))
print("empty bytes", bytes() is bytes([]))
print("one letter", chr(97) is chr(97), "xay"[1] is chr(97), chr(233) is chr(233))
print("one byte", bytes([7]) is bytes([7]))
print("Ellipsis", ... is Ellipsis)
print("runtime strings", "".join(["a", "b"]) is "".join(["a", "b"]))
print("lists", [] is [])
