# Case conversion, stripping, padding, translation.
s = "hELLO wORLD"
print(s.upper(), s.lower(), s.title(), s.capitalize(), s.swapcase(), s.casefold())
print("they're bill's".title(), "ß".upper(), "ß".casefold(), "İ".lower() == "i̇", "ǆ".title(), "ΑΣ".lower())
print("ﬁ".upper())
print(repr("  x ".strip()), repr("  x ".lstrip()), repr("  x ".rstrip()), "xxaxx".strip("x"))
print("abcab".lstrip("ab"), "abcab".rstrip("ba"), repr("\t\n x\u2003".strip()))
print("[" + "x".center(6) + "]", "[" + "x".center(5, "*") + "]", "[" + "x".ljust(4, ".") + "]")
print("[" + "x".rjust(4) + "]", "ab".center(5, "-"), "abc".center(2))
print("42".zfill(5), "-42".zfill(5), "+1".zfill(4), "abc".zfill(2), "a\tb\tc".expandtabs(4))
print("ab\tc".expandtabs(), "a\tb".expandtabs(0))
table = str.maketrans("abc", "xyz", "d")
print("aabbccdd".translate(table), "abc".translate({97: "AA", 98: None, 99: 0x43}), str.maketrans({"a": 1}))
for call in ('"x".center(5, "ab")', '"x".ljust("a")', 'str.maketrans("ab", "c")', '"x".strip(1)'):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
