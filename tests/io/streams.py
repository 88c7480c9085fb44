import _io
b = _io.BytesIO(b"hello\nworld\n")
print(b.readline(), b.read(3), b.tell(), b.seek(0), list(b), b.getvalue())
b.seek(20); b.write(b"x"); print(b.getvalue())
with b.getbuffer() as m:
    m[0:1] = b"J"
    try: b.write(b"yy" * 100)
    except BufferError as e: print(e)
print(b.getvalue()[:5], b.truncate(3), b.getvalue(), b.closed)
b.close()
try: b.read()
except ValueError as e: print(e)
s = _io.StringIO("a\r\nb\nc", newline=None)
print(repr(s.read()), s.newlines, s.seek(0), s.readline(), s.tell())
s = _io.StringIO(); s.write("hé€llo"); s.seek(1); s.write("XY"); print(s.getvalue(), s.tell(), s.truncate(3), s.getvalue())
p = "/tmp/hognose-io-test.txt"
with open(p, "w", encoding="utf-8") as f:
    print(f, f.encoding, f.mode, f.name, f.write("héllo\nwörld\r\nlast"), f.tell())
with open(p, "rb") as f:
    print(f, f.raw, f.read(), f.seek(0), f.peek(3)[:3], f.readlines(), f.tell())
with open(p, newline="") as f: print(list(f), f.newlines)
with open(p) as f:
    print(f.readline(), f.tell(), f.read(2), f.tell()); t = f.tell(); r = f.read(); f.seek(t); print(r == f.read(), f.newlines)
with open(p, "r+b") as f:
    f.read(3); f.write(b"ZZ"); f.seek(0); print(f.read()); print(f)
with open(p, "ab", 0) as f: print(f.write(b"end"), f)
try: open("/nonexistent/x")
except OSError as e: print(repr(e), e.filename)
for a in (("x", "q"), ("x", "rw"), ("x", "rb", 1, "utf-8")):
    try: open(*a)
    except ValueError as e: print(e)
try: open(p).write("x")
except Exception as e: print(type(e), type(e).__mro__, e)
class R(_io._RawIOBase):
    def __init__(s): s.d = [b"abc\nde", b"f\n", b""]
    def readable(s): return True
    def readinto(s, b):
        d = s.d.pop(0) if s.d else b""
        b[:len(d)] = d; return len(d)
r = _io.BufferedReader(R()); print(r.readline(), r.read(), r)
t = _io.TextIOWrapper(_io.BytesIO(b"x\xffy\n"), "ascii", "backslashreplace"); print(t.read(), t)
d = _io.IncrementalNewlineDecoder(None, True); print(repr(d.decode("a\r")), repr(d.decode("\nb\r\n")), d.newlines, d.getstate())
import sys
print(sys.stdout, sys.stdin, sys.stderr)
sys.stdout.write("direct\n"); sys.stdout.buffer.write(b"bytes\n"); print("after", flush=True)
o = sys.stdout; sys.stdout = c = _io.StringIO(); print("captured"); sys.stdout = o; print(repr(c.getvalue()))
print(sys.stdout.fileno(), sys.stdout.isatty(), sys.stdout.line_buffering, sys.stderr.errors)
class T(_io.StringIO):
    def write(self, s): return super().write(s.upper())
x = T(); print("abc", file=x); print(x.getvalue())
x.foo = 1; print(x.foo, x.__dict__)
w = _io.BufferedWriter(_io.BytesIO()); w.write(b"abc"); print(w.tell()); w.flush(); print(w.raw.getvalue()); print(type(w.detach()))
print(_io.BufferedRWPair(_io.BytesIO(b"r"), _io.BytesIO()).read())
f = _io.FileIO(p); print(f, f.mode, f.readall()[:4], f.seekable(), f.closefd); f.close(); print(f)
