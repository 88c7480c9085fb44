# Indexing and slicing strings, also beyond the basic plane.
s = "abcdefg"
print(s[0], s[-1], s[2:5], s[:3], s[4:], s[-3:], s[:-3], s[::2], s[::-1], s[5:1:-2], s[10:], repr(s[3:3]))
print(s[-100:100])
print(s[slice(1, 4)], s[slice(None, None, -1)], s[1:-1][::-1], s * 2, 2 * s[:1], repr(s * 0), repr(s * -1))
print(s + "!" + s[0])
u = "añ€😀z"
print(len(u), u[3], u[::-1], u[1:4], [hex(ord(c)) for c in u], u.index("😀"), u.encode())
print(list("héé"), "".join(reversed("abc")), [c for c in "x😀"], "😀" * 3, "a" in u, u.find("z"), u.upper())
for call in ("s[7]", "s[-8]", "s['a']", "s[1.0]", "s[::0]", "''[0]", "s[1:'a']"):
    try:
        eval(call)
    except (IndexError, TypeError, ValueError) as e:
        print(call, "->", type(e).__name__, e)
try:
    s[0] = "x"
except TypeError as e:
    print(e)
try:
    s + 1
except TypeError as e:
    print(e)
try:
    1 + s
except TypeError as e:
    print(e)
