"""Thousands of method calls on pseudo-random text and bytes; each line is the hash of what twenty rounds gave."""

seed = 12345
def rnd(n):
    global seed
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return (seed >> 8) % n
AL = ["a", "b", " ", "é", "€", "😀", "A", "\t", "\n", "1", "\x00", "ß", "\u2003", "Σ", "-", "\r", "ab", "\u0301"]
BL = ["a", "b", " ", "A", "\t", "\n", "1", "\x00", "-", "\r", "ab", "\x80", "\xff", ","]
def rs(al, m): return "".join([al[rnd(len(al))] for _ in range(rnd(m))])
out = 0
def h(x):
    global out
    for c in ascii(x): out = (out * 31 + ord(c)) & 0xffffffffffff
def run(f, *a):
    try: r = f(*a)
    except Exception as e: r = type(e).__name__ + ":" + str(e)
    h(r)
    return r
N0 = ["lower", "upper", "title", "capitalize", "swapcase", "isalpha", "isalnum", "isdigit", "islower", "isupper", "istitle", "isspace", "split", "rsplit", "strip", "lstrip", "rstrip", "splitlines", "expandtabs", "isascii", "__len__", "__repr__"]
S0 = N0 + ["casefold", "isdecimal", "isnumeric", "isidentifier", "isprintable"]
N1 = ["find", "rfind", "index", "rindex", "count", "split", "rsplit", "partition", "rpartition", "startswith", "endswith", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip", "__contains__", "__lt__", "__eq__", "__add__"]
log = []
for i in range(800):
    if rnd(2):
        s = rs(AL, 12); t = rs(AL, 3); u = rs(AL, 3); ms = S0
    else:
        s = rs(BL, 12).encode("latin-1"); t = rs(BL, 3).encode("latin-1"); u = rs(BL, 3).encode("latin-1"); ms = N0
        if rnd(2): s = bytearray(s)
    out = 0
    run(getattr(s, ms[rnd(len(ms))]))
    m = N1[rnd(len(N1))]
    run(getattr(s, m), t)
    a, b = rnd(20) - 10, rnd(20) - 10
    run(getattr(s, N1[rnd(5)]), t, a, b)
    run(s.replace, t, u); run(s.replace, t, u, rnd(4))
    run(s.split, t, rnd(4)); run(s.rsplit, t, rnd(4)); run(s.split, None, rnd(4)); run(s.rsplit, None, rnd(4))
    st = rnd(9) - 4
    run(lambda: s[a:b:st]); run(lambda: s[a:]); run(lambda: s[:b]); run(lambda: s[a]); run(lambda: s[::st])
    run(lambda: t.join([s, u, t])); run(s.splitlines, True); run(s.expandtabs, rnd(9)); run(s.center, rnd(20)); run(s.zfill, rnd(20)); run(s.ljust, rnd(20)); run(s.rjust, rnd(20))
    run(lambda: s * rnd(4)); run(lambda: s < t); run(lambda: s == t); run(lambda: t in s)
    log.append(out)
for i in range(0, 800, 20): print(i, log[i:i + 20])
for i in range(400):
    b = bytes([[0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0, 0xff, 0xc0, 0xf4, 0x90, 0x00, 0xd8, 0xdc, 0xe0][rnd(20)] for _ in range(rnd(9))])
    out = 0
    for enc in ["utf-8", "ascii", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "unicode_escape", "utf-8-sig"]:
        for er in ["strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass"]:
            r = run(b.decode, enc, er)
            for er2 in ["strict", "surrogateescape", "surrogatepass", "xmlcharrefreplace", "namereplace"]:
                if enc != "unicode_escape" and rnd(8) == 0: run(r.encode, enc, er2)
    log.append(out)
for i in range(800, 1200, 20): print(i, log[i:i + 20])
