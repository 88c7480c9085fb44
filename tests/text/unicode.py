# Code points, encodings and error handlers.
print(ord("€"), chr(8364), chr(0x1F600), ord("a"), len("e\u0301"), "e\u0301" == "é")
for s in ("abc", "é", "€", "😀"):
    print(ascii(s), s.encode("utf-8"), s.encode("utf-16-le"), s.encode("utf-32-be"), len(s.encode()))
print("é".encode("latin-1"), b"\xe9".decode("latin-1"), "abc".encode("ascii"), b"abc".decode("ascii"))
print(str(b"x", "utf-8"), bytes("é", "utf8"))
print("aé€".encode("ascii", "ignore"), "aé€".encode("ascii", "replace"))
print("aé€".encode("ascii", "xmlcharrefreplace"), "aé€".encode("ascii", "backslashreplace"))
print(ascii(b"a\xffb".decode("utf-8", "replace")), b"a\xffb".decode("utf-8", "ignore"))
print(ascii(b"a\xffb".decode("utf-8", "surrogateescape")), b"a\xff".decode("utf-8", "backslashreplace"))
print("\udcff".encode("utf-8", "surrogateescape"), b"\xef\xbb\xbfx".decode("utf-8-sig"))
print(ascii(b"\xef\xbb\xbfx".decode("utf-8")))
for call in (
    'b"\\xe9".decode()', 'b"\\xe2\\x82".decode()', 'b"a\\x80".decode("utf-8")', 'b"\\xed\\xa0\\x80".decode()',
    '"\\ud800".encode()', '"€".encode("latin-1")',
    'b"\\xff".decode("ascii")', '"x".encode("no-such")', '"é".encode("ascii", "no-such")', "chr(-1)",
    "chr(0x110000)", 'ord("ab")', 'ord("")', "chr('a')", 'str(b"x", 5)', 'b"\\xc0\\x80".decode()',
):
    try:
        print(eval(call))
    except (ValueError, LookupError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
