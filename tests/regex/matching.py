# Patterns, groups, look-around, repeats of every kind: what matches, and where.
import re

CASES = [
    (r"(a+)(b)?", "aaac"), (r"(?:ab)*c", "ababc"), (r"(a|ab)(c|bcd)(d*)", "abcd"),
    (r"^\s*(\w+)\s*=\s*(.*?)\s*$", "  key = some value  "), (r"(?P<y>\d{4})-(?P<m>\d\d)", "on 2024-05-06"),
    (r"a.c", "a\nc"), (r"(?s)a.c", "a\nc"), (r"(?m)^b$", "a\nb\nc"), (r"\bfoo\b", "a foo b"), (r"\Boo", "foo"),
    (r"(?<=a)b", "ab"), (r"(?<!a)b", "ab cb"), (r"(?=(a+))a*b\1", "baaabac"), (r"a(?!b)", "abac"),
    (r"(?>a+)b", "aaab"), (r"(?>a+)ab", "aaab"), (r"a++b", "aaab"), (r"a++ab", "aaab"), (r"(?:ab)++a", "ababa"),
    (r"(?:a+){2}+", "aa"), (r"(?:a|ab)*+c", "aabc"), (r"(?:ab?){2}+", "aab"),
    (r"(a)?(?(1)b|c)", "ab"), (r"(a)?(?(1)b|c)", "c"), (r"^(<)?\w+(?(1)>|$)", "<abc>"), (r"(?(1)a|b)()", "b"),
    (r"(?i)straße", "STRAßE"), (r"(?i)[à-ý]+", "ÀÉÎ"), (r"(?i)K", "\u212a"), (r"(?ia)k", "\u212a"),
    (r"[^\W\d_]+", "12ab_é"), (r"\d+", "٣٤"), (r"(?a)\d+", "٣٤"), (r"\s+", "a\u2003b"), (r"[\u0400-\u04ff]+", "abc где"),
    (r"(a*)*", "aaa"), (r"(a*)+", "b"), (r"(?:a*?)*?b", "aab"), (r"(?:(a)|b)*", "abab"), (r"((a)|(b))*", "ab"),
    (r"a{2,3}", "aaaa"), (r"a{2,3}?", "aaaa"), (r"(?:ab){2,}", "abababa"), (r".*?,", "a,b,c"), (r".*,", "a,b,c"),
    (r"x*", "axb"), (r"(.)\1", "hello"), (r"(?i)(.)\1", "hEel"), (r"(ab|cd)\1", "abcdcd"),
    (r"\Aabc\Z", "abc"), (r"abc$", "abc\n"), (r"abc\Z", "abc\n"), (r"[]a]+", "]a]"), (r"[^]]+", "ab]"),
    (r"(?x) a  b # comment", "ab"), (r"(?-i:a)b", "aB"), (r"(?i:a)b", "Ab"), (r"[\U0001F600-\U0001F64F]", "x😀"),
    (r"(\w+)\s(?P<last>\w+)", "émile zola"), (r"a|b|c|dd", "xdd"), (r"(?:foo|foobar)$", "foobar"),
    (r"(?=.*\d)(?=.*[a-z]).{4,}", "ab12"), (r"((?:[^()]|\((?:[^()])*\))*)", "a(b)c"), (r"", "abc"),
    (r"(?<=é)x", "éx"), (r"(?<![^a])b", "ab"), (r"(a(?=b))?ab", "ab"), (r"(a)(?!\1)", "aab"),
]
for pattern, text in CASES:
    p = re.compile(pattern)
    for m in (p.search(text), p.match(text), p.fullmatch(text)):
        print(m and (m.group(), m.span(), m.groups(), m.groupdict(), m.lastindex, m.lastgroup, m.regs))
    print([m.span() for m in p.finditer(text)], p.findall(text), p.split(text), p.subn("<>", text))

for pattern, text in [(rb"(\w+)@(\w+)", b"me@host you@there"), (rb"[\x80-\xff]+", b"a\xe9\xff"), (rb"(?i)[a-z]+", b"aBc"),
                      (rb"(?L)\w+", b"ab c"), (rb"\x00+", b"a\0\0")]:
    for t in (text, bytearray(text), memoryview(text)):
        m = re.search(pattern, t)
        print(m.group(), m.span(), re.findall(pattern, t), re.sub(pattern, rb"<\g<0>>", t))

# pos and endpos
p = re.compile("^é|b$")
print(p.search("aéb", 1), p.search("aéb", 1, 2), p.search("éb", 0, 1), p.match("aéb", 2), p.search("ab", 5), p.search("b", 1, 0))
print(re.compile("(?<=a)b").search("ab", 1).span(), re.compile(r"\bb").search("ab", 1))

# replacing
print(re.sub(r"(\w+) (\w+)", r"\2 \1!\g<1>", "hello world"), re.sub("(?P<x>a)|b", r"[\g<x>]", "ab"))
print(re.sub("a", lambda m: m.group().upper() * 2, "banana", count=2), re.sub("x*", "-", "abxd"), re.sub("", "-", "é"))
print(re.sub("a", lambda m: None, "banana"), re.subn(r"\d", "", "a1b22"), re.sub("a", "b", "xyz"))
print(re.match(r"(?P<a>.)(.)?", "x").expand(r"\1-\2-\g<a>"))
print(re.split("(,)|;", "a,b;c"), re.split("x*", "axbc"), re.split(":", "a:b:c", maxsplit=1))

# objects
p = re.compile("(?P<n>a)", re.I | re.M)
print(repr(p), p.flags, p.groups, p.groupindex, p.pattern, p == re.compile("(?P<n>a)", re.I | re.M), p == re.compile("a"))
print(repr(re.compile(b"x")), hash(p) == hash(re.compile("(?P<n>a)", re.I | re.M)))
m = p.match("A")
print(repr(m), m["n"], m[0], m.re is p, m.string, m.pos, m.endpos, m.start("n"), m.end(1), m.group(0, "n"), bool(m))
s = re.compile(r"\d|").scanner("1a")
print([s.search() for _ in range(5)], s.pattern)
print(re.Scanner([(r"\d+", lambda s, t: int(t)), (r"\w+", lambda s, t: t), (r"\s+", None)]).scan("ab 12 c !"))

for f in (
    lambda: re.match("a", 1), lambda: re.match("a", b"a"), lambda: re.match(b"a", "a"), lambda: re.sub("a", lambda m: 1, "xa"),
    lambda: m.group(2), lambda: m.group("q"), lambda: m[1.5], lambda: re.sub("a", b"", "a"), lambda: re.compile("a").match("a", 2**70),
    lambda: re.sub("(a)", r"\2", "a"), lambda: type(p)(), lambda: re.compile("("), lambda: re.compile("a").search(),
    lambda: __import__("_sre").compile("a", 0, [1, 2], 0, {}, ()), lambda: __import__("_sre").compile("a", 0, [7, 99], 0, {}, ()),
):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
