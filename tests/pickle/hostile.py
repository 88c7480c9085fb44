# Whatever the bytes, loading raises: sizes that lie, stacks that are empty, numbers far out, nests without end.
import pickle

bad = [
    b"", b".", b"0.", b"(.", b"t.", b"a.", b"]a.", b"s.", b"}s.", b"}Ns.", b"u.", b"(u.", b"}(Nu.", b"e.", b"b.", b"R.",
    b"o.", b"(o.", b"i", b"(iint\n", b"cint", b"\x81.", b"\x92.", b"\x85.", b"\x93.", b"K\x01K\x02\x93.", b"2.",
    b"1.", b"(1.", b"h\x00.", b"j\xff\xff\xff\xff.", b"g5\n.", b"gx\n.", b"p-1\n", b"Np-1\n.", b"X\xff\xff\xff\xff.", b"B\xff\xff\xff\x7f.", b"T\xff\xff\xff\xff.",
    b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
    b"\x8b\xff\xff\xff\xff.", b"\x8b\xff\xff\xff\x7f.", b"\x80\x06.", b"\x95\xff\xff\xff\xff\xff\xff\xff\xff.",
    b"\x95\x10\x00\x00\x00\x00\x00\x00\x00N.", b"\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00Vhelloworld\n.",
    b"S'x\n.", b"Sx\n.", b"Fnan.\n.", b"I1x\n.", b"P\xff\n.", b"Px\n.", b"NQ.", b"\x97.", b"N\x98.", b"\x82\x00.", b"\x82\x07.",
    b"(d.", b"(Nd.", b"\x90.", b"(\x90.", b"N(K\x01\x90.", b"]]R.", b"N)R.", b"N)\x81.", b"N}b.", b"Nb.", b"\xff.", b"'.", b"!.",
    b"cos\nno_such\n.", b"cno_such_module\nx\n.", b"\x8c\x02os\x8c\x04a..b\x93.", b"}](R.", b"((lp0\n", b"V\\ud8\n.",
]
for lies in (b"\x8e\x00\x00\x00\x00\x00\x00\x00\x7f.", b"\x96\xff\xff\xff\xff\xff\xff\xff\x7f.", b"B\x00\x00\x00\x7f."):
    try:
        print(pickle.loads(lies))
    except (MemoryError, pickle.UnpicklingError):
        print("refused")
for data in bad:
    try:
        print(data, pickle.loads(data))
    except Exception as e:
        print(data, type(e).__name__, e)



class Endless:
    def __reduce__(self):
        return Endless, (Endless(),)


try:
    pickle.dumps(Endless())
except RecursionError:
    print("RecursionError")
nested = pickle.loads(b"]" + b"]" * 100_000 + b"a" * 100_000 + b".")
depth = 0
while nested:
    nested, depth = nested[0], depth + 1
print(depth)
