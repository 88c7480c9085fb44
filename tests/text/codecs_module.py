import _codecs as c
print(c.utf_8_decode(b"ab\xe2\x82"), c.utf_8_decode(b"ab\xe2\x82", "replace", True), c.utf_8_encode("é"))
print(c.utf_16_encode("a"), c.utf_16_decode(b"\xff\xfea\0b"), c.utf_16_ex_decode(b"\xfe\xff\0a", None, 0, True), c.utf_32_le_encode("a"))
print(c.ascii_decode(b"a"), c.latin_1_decode(b"\xe9"), c.unicode_escape_decode(b"a\\u00e9\\x"[:7], None, False), c.unicode_escape_encode("é\n"))
print(c.escape_encode(b"a'\n\xff"), c.escape_decode(b"\\x41\\n\\101"), c.readbuffer_encode("x"))
print(c.charmap_decode(b"ab", "strict", {97: "X", 98: 0x20ac}), c.charmap_encode("ab", "replace", {97: 1, ord("?"): 63}), c.charmap_encode("é", None, c.charmap_build("é" + "a" * 255)))
for f in (lambda: c.charmap_decode(b"abc", "strict", {}), lambda: c.charmap_encode("abc", "strict", {}), lambda: "é".encode("ascii"), lambda: b"\xff".decode("utf-8"), lambda: c.lookup("nope-x"), lambda: c.lookup_error("zz"), lambda: "é".encode("ascii", "zz"), lambda: b"\xff".decode("ascii", "zz"), lambda: c.utf_7_decode(b"a+AGE", "strict", True), lambda: c.encode("é", "ascii")):
    try: print(f())
    except Exception as e: print(type(e).__name__, e, getattr(e, "__notes__", None))
def h(e): return ("<%d:%d>" % (e.start, e.end), e.end)
c.register_error("my.h", h)
print("aéb€".encode("ascii", "my.h"), b"a\xffb".decode("utf-8", "my.h"), "a\ud800b".encode("utf-8", "my.h"), "a\ud800b".encode("utf-16", "my.h"))
c.register_error("my.back", lambda e: ("", e.end + 1)); print("aébcd".encode("latin-1", "my.back"), "a€bcd".encode("latin-1", "my.back"))
c.register_error("my.bytes", lambda e: (b"\xff", e.end)); print("a€b".encode("ascii", "my.bytes"))
for n in ("strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace", "surrogateescape", "surrogatepass"):
    f = c.lookup_error(n)
    for e in (UnicodeEncodeError("utf-8", "a\udc80€b", 1, 2, "r"), UnicodeDecodeError("utf-8", b"a\xed\xb2\x80b", 1, 4, "r"), UnicodeTranslateError("a€", 1, 2, "r"), ValueError()):
        try: print(n, ascii(f(e)))
        except Exception as x: print(n, type(x).__name__, ascii(x))
for s in ("hello", "a+b", "é€", "\U0001f600x-", "+", "A~", "x\\y"):
    b = c.utf_7_encode(s)[0]; print(b, ascii(c.utf_7_decode(b, "strict", True)))
print(c.utf_7_decode(b"ab+AOk", "strict", False), ascii(c.utf_7_decode(b"\xff+@a", "replace", True)))
import codecs, encodings
print("é".encode("cp1252"), b"\x80".decode("cp1252"), codecs.lookup("utf8").name, codecs.lookup("latin1").name)
print(codecs.decode("uryyb", "rot13"), codecs.getincrementaldecoder("utf-16")().decode(b"\xff\xfea"))
try: "x".encode("rot13")
except LookupError as e: print(e)
try: b"x".decode("rot13")
except LookupError as e: print(e)
print("ü".encode("punycode"), "x".encode("cp037"))
import io
with open("/tmp/hognose-codecs-test.txt", "w", encoding="utf-16") as f: f.write("héllo\nx"); f.write("y")
print(open("/tmp/hognose-codecs-test.txt", "rb").read(), open("/tmp/hognose-codecs-test.txt", encoding="utf-16").read())
with open("/tmp/hognose-codecs-test.txt", "w", encoding="cp1252") as f: f.write("é€")
with open("/tmp/hognose-codecs-test.txt", encoding="cp1252") as f: print(f.read(1), f.tell(), f.read())
print(io.TextIOWrapper(io.BytesIO(b"a\xffb"), errors="my.h").read())
