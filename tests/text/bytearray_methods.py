# bytearray: in-place changes.
a = bytearray(b"hello")
alias = a
a[0] = 72
a.append(33)
a.extend(b" you")
a += bytes([46])
print(a, alias is a, len(a), a[1], a[1:3], type(a[1:3]).__name__)
a[1:5] = b"i"
print(a)
del a[0], a[-1]
print(a)
a.insert(0, 88)
print(a.pop(), a.pop(0), a)
a.remove(33)
a.reverse()
print(a)
a *= 2
print(a, a.count(b"o"), a.find(b"y"), a.upper(), a.decode(), bytes(a), a == bytes(a), a.copy() is a)
a[::2] = b"." * len(a[::2])
print(a)
try:
    a[::2] = b"."
except ValueError as e:
    print(e)
a.clear()
print(a, bool(a), bytearray(2), bytearray(b"ab") + b"c", b"ab" + bytearray(b"c"))
for call in (
    "a.append(256)", "a.append('x')", "a.pop()", "a.remove(1)", "a[0]", "a[0] = 1", "bytearray('x')",
    "hash(a)", "a.extend('x')", "bytearray(b'ab').__setitem__(0, -1)",
):
    try:
        exec(call)
    except (TypeError, ValueError, IndexError) as e:
        print(call, "->", type(e).__name__, e)
