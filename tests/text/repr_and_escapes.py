# Escape sequences in source text and in repr.
print("tab\there", "nl\\n", "quote\"s", 'it\'s')
print("\x41\u00e9\U0001F600\N{LATIN SMALL LETTER A}\101\0".replace("\0", "NUL"), r"raw\n", """tri"ple""")
for s in (
    "plain", "it's", 'say "hi"', "both ' and \"", "back\\slash", "\t\n\r\0\x07\x1b\x7f", "\x80\xa0\xad\xe9",
    "\u200b\u2028\ue000", "😀\U0010ffff", "\ud800",
):
    print(repr(s).encode("ascii", "backslashreplace").decode(), ascii(s), len(s))
print("é€", repr("é€"), ascii("é€"), "continued \
line", "auto" "matic" 'join')
print(repr(b"bytes \x00\xff'\"\n"), b"\x41\101\t", rb"\n", br"\x", b'it\'s', bytes(range(5)), repr(b"'"))
print("a\
b", len("\\\n"), len(r"\\n"))
print(eval(repr("any\tthing'\"\\ é")) == "any\tthing'\"\\ é")
print([repr(chr(i)) for i in (0, 9, 31, 32, 126, 127, 160, 161, 255)])
