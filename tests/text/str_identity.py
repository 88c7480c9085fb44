"""What changes nothing gives the same object; subclasses; case, slices and search beyond ASCII."""
s = "hello world abc"
print(s[:] is s, str(s) is s, s.strip() is s, ''.join([s]) is s, s.replace("q","z") is s, s.split("q")[0] is s, s.ljust(3) is s, (s+"") is s, (""+s) is s, s*1 is s, s.expandtabs() is s, s.zfill(2) is s, s.removeprefix("q") is s, format(s) is s, f"{s}" is s)
class S(str):
    x = 1
t = S("abc def")
print(type(t), t, repr(t), t.upper(), type(t.upper()), type(t[:]), type(str(t)), t == "abc def", hash(t) == hash("abc def"), t + "x", "x" + t, "%s" % t, f"{t:>10}", t.split(), len(t), t[0], "abc" in t, list(t), t.strip() == t, type(t.strip()), t < "b", {t: 1}["abc def"], ",".join([t, t]), type(",".join([t])), t.join("ab"), "abc".startswith(S("a")))
class B(bytes): pass
b = B(b"abc")
print(type(b), b, b == b"abc", b + b"x", type(b[:]), b.upper(), hash(b) == hash(b"abc"), type(b.strip()), b[0], list(b), bytes(b), type(bytes(b)), b.decode())
class A(bytearray):
    y = 2
a = A(b"abc")
a.extend(b"def"); a.z = 5
print(type(a), a, a.z, type(a + b""), type(a[:]), a == b"abcdef", repr(a))
print(str(b"abc", "ascii"), str(bytearray(b"x"), "utf-8"), str(memoryview(b"q"), "utf-8"))
class Y:
    def __str__(self): return S("sub")
    def __format__(self, s): return "fmt" + s
    def __repr__(self): return "rep"
    def __bytes__(self): return b"by"
    def __index__(self): return 3
print(type(str(Y())), S(Y()), f"{Y()!s:>5}|{Y()!r}|{Y():zz}", bytes(Y()), "ab" * Y(), b"%b" % Y(), "abcdef"[Y()], "abcd"[Y():])
print("ΑΣ".lower(), "ΑΣΑ".lower(), "Σ".lower(), "ΑΣ.".lower(), "ΑΣ'Α".lower(), "ǆab".title(), "ǆ".capitalize(), "ŉ".upper(), "ﬁx".title(), "straße".upper(), "STRASSE".casefold(), "ß".casefold(), "İ".lower(), "ΌΣΟΣ".swapcase())
u = "aé€😀b" * 3
print([u[i] for i in range(len(u))], u[::-1], u[1:-1:2], u[5:2:-1], u.find("😀"), u.rfind("é"), u.index("b", 5), u.count("€", 3), u.find("", 15), u.find("", 16), u.partition("€"), u.rsplit("😀", 1), u.split("é"), u.center(21, "é"), u.replace("😀", "--", 2), u.replace("", "·", 3), len(u))
print(ascii(u.encode("utf-16-le").decode("utf-16-le") == u), u.translate({0x20ac: "E", 233: None, 97: 65}), u.zfill(20), "😀".isprintable(), "٣".isdecimal(), "²".isdigit(), "½".isnumeric(), "é".isidentifier(), "\u2028a\x85b\r\nc".splitlines(), "\u2028a\x85b\r\nc".splitlines(True))
print(repr("\x00\x7f\x80\xad\u200b\ue000\U000e0001\ud800 ok 'a' \"b\""), ascii("\xe9\u20ac\U0001f600"))
it = iter("aé"); print(next(it), it.__length_hint__(), list(it), list(it), it.__reduce__()[1])
print(max("héllo"), sorted("bca"), "".join(reversed("abc€")), "a" "b" < "ac", "a" < "é" < "€" < "😀")
