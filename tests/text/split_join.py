# split, rsplit, splitlines, join.
print("a b  c ".split(), " a b  c ".split(" "), "".split(), "".split(","), "a,b,c".split(",", 1))
print("a,b,c".rsplit(",", 1))
print("  lead and trail ".split(None, 1), "  lead and trail ".rsplit(None, 1), "a\tb\nc\x0bd".split())
print("aXXbXXc".split("XX"))
print("one\ntwo\r\nthree\rfour".splitlines(), "one\ntwo\n".splitlines(True))
print("a\x0bb\x1cc\u2028d".splitlines(), "".splitlines(), "\n".splitlines())
print(",".join(["a", "b"]), "".join("xyz"), "-".join({"k": 1, "j": 2}), ", ".join(str(i) for i in range(3)))
print(repr("x".join([])))
print("1-2-3".split("-", maxsplit=1), "a b c".split(maxsplit=0), "a b c".split(sep=" "))
print(" ".join("a  b".split()))
for call in (
    '"a".split("")', '",".join([1])', '",".join(5)', '"a".split(1)', '",".join(["a", None])',
    '"a".split(",", "x")',
):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
