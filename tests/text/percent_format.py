# The % operator on strings and bytes.
print("%s %d %r %a %c %c %%" % ("text", 42, "é", "é", "x", 65))
print("%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%#o" % (42, 42, 42, 42, 42, 255, 255, 255, 8, 8))
pi = 3.14159
print("%f|%.2f|%8.3f|%-8.1f|%e|%.0e|%g|%G|%#.3g" % (pi, pi, pi, pi, 31415.9, 5.0, 1e-10, 1e20, 1.0))
print("%10s|%-10s|%.2s|%10.3s|" % ("right", "left", "cut", "longer"))
print("%*d|%-*d|%.*f" % (6, 42, 6, 42, 2, 2.71828), "%(a)s and %(b)05d" % {"a": 1, "b": 2})
print("%s" % None, "%s %s" % (1, [2]), "%s" % (("tuple",),), "%d" % 3.99, "%d" % True, "%i %u" % (1, 2))
print("%s" % {"a": 1})
print(b"%s %d %c %a %b" % (b"bytes", 5, 65, "x", b"b"), "%s" % b"b", "%%" % (), "%%|" % ())
for template, args in (
    ("%d", "x"), ("%s %s", (1,)), ("%s", (1, 2)), ("%z", 1), ("%", 1), ("%(k)s", 1), ("%(k)s", {}),
    ("%c", "ab"), ("%c", -1),
    ("%x", 1.5), ("%*d", ("a", 1)), ("text", 1), ("%f", "a"), ("%(k", {}), ("%d %d", 1),
):
    try:
        print(template % args)
    except (TypeError, ValueError, KeyError, OverflowError) as e:
        print(repr(template), args, "->", type(e).__name__, e)
try:
    print(b"%s" % "text")
except TypeError as e:
    print(e)
