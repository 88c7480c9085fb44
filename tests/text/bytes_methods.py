# bytes: construction, methods, comparison and messages.
b = b"hello world"
print(b.upper(), b.title(), b.find(b"o"), b.count(b"l"), b.replace(b"l", b"L", 1), b.split())
print(b.partition(b" "), b"-".join([b"a", b"b"]))
print(b[0], b[-1:], b[::2], list(b"abc"), 104 in b, b"lo w" in b, b"ab" + b"c", b"ab" * 2, len(b))
print(b.startswith(b"he"), b.hex(), b[:4].hex(":"), b[:5].hex("-", 2))
print(bytes(3), bytes([65, 66]), bytes("é", "utf-8"), bytes.fromhex("4142 ff"), bytes(b"x"), bytearray(b"x"))
print(bytes(range(3)))
print(b"  x ".strip(), b"x".center(5, b"*"), b"7".zfill(3), b"abc".translate(bytes.maketrans(b"ab", b"xy")))
print(b"a\nb".splitlines(), b"Abc".swapcase(), b"abc".isalpha(), b"1".isdigit())
print(b"a" < b"b", b"a" == "a", b"ab" == bytearray(b"ab"), hash(b"x") == hash(bytes([120])), b"x".decode())
print(b"%d" % 5, b"abc".removeprefix(b"a"), b.rfind(b"o"), b.index(b"w"))
for call in (
    'b"a" + "b"', "bytes([256])", "bytes([-1])", 'bytes("x")', "bytes(-1)", 'bytes.fromhex("4")',
    'bytes.fromhex("zz")', 'b"x"[5]', '"x" in b"x"', 'b"x".find("x")', "300 in b", 'b"-".join(["a"])',
    'bytes([1.5])', 'bytes(1.5)', "bytes(None)",
):
    try:
        eval(call)
    except (TypeError, ValueError, IndexError) as e:
        print(call, "->", type(e).__name__, e)
