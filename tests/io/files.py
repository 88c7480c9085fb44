import io, sys, os
# file io behaviours
p = "/tmp/hognose-t6.txt"
with open(p, "wb") as f:
    print(f.write(b"a" * 300000), f.tell(), f.seek(10), f.write(b"X"), f.tell())
print(os.stat(p).st_size)
with open(p, "r+") as f:
    f.seek(5); f.write("YY"); f.seek(0); print(f.read(12)); f.seek(0, 2); print(f.tell()); f.write("end"); f.flush()
    print(f.truncate(20), f.seek(0), f.read())
with open(p, "w+", newline="\r\n") as f:
    f.write("a\nb\n"); f.seek(0); print(repr(f.readline()), repr(f.read()))
with open(p, "a+") as f:
    print(f.tell() > 0, f.read()); f.write("zz"); f.seek(0); print(repr(f.read()))
with open(p, "w") as f: f.writelines(["x\n", "y\n"]); print(f.writable(), f.readable(), f.seekable())
with open(p) as f:
    it = iter(f); print(next(it))
    try: f.tell()
    except OSError as e: print(e)
    print(list(f), f.tell())
try: f.read()
except ValueError as e: print(e)
try: open(p, buffering=0)
except ValueError as e: print(e)
try: open(-1)
except ValueError as e: print(e)
try: open("/tmp")
except IsADirectoryError as e: print(e)
try: open(p, "x")
except FileExistsError as e: print(e)
try: open([])
except TypeError as e: print(e)
try: open(p, "r", encoding="nope")
except LookupError as e: print(e)
print(open(p, "rb", buffering=0).readall())
fd = os.open(p, os.O_RDONLY)
with open(fd, closefd=False) as f: print(f.name == fd, f.fileno() == fd, f.read(1))
os.close(fd)
def opener(path, flags): print(path == p, flags & os.O_CLOEXEC > 0); return os.open(path, flags)
with open(p, opener=opener) as f: print(f.read(1))
class Raw(io.RawIOBase):
    def writable(self): return True
    def write(self, b): print("raw", bytes(b)[:5], len(b)); return len(b)
w = io.BufferedWriter(Raw(), 4)
print(w.write(b"ab"), w.write(b"cdefg"), w.write(b"h")); w.flush()
b = io.BytesIO(b"abc"); r = io.BufferedReader(b); print(r.peek(1), r.read(1), r.tell(), r.readinto(bytearray(5)), r.seek(0), r.read1(2))
s = io.StringIO("línea\nx"); print(s.readlines(), s.seek(2), s.read(3), s.tell(), s.seek(0, 2))
try: s.seek(-1)
except ValueError as e: print(e)
try: s.write(1)
except TypeError as e: print(e)
print(isinstance(s, io.TextIOBase), isinstance(b, io.BufferedIOBase), issubclass(io.FileIO, io.RawIOBase), io.IOBase.__mro__)
t = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True, line_buffering=True)
t.write("x\ny"); print(t.buffer.getvalue(), t.line_buffering, t.reconfigure(errors="ignore"), t.errors)
print(t.detach().getvalue())
try: t.read()
except ValueError as e: print(e)
u = io.TextIOWrapper(io.BytesIO("é€\n2\n".encode()), encoding="utf-8"); u._CHUNK_SIZE = 2
print(u.read(1), u.tell(), u.read(1), u.tell(), u.readline(), u.tell()); c = u.tell(); print(u.read(), u.seek(c), u.read(), u.seek(0), u.readlines())
print(io.text_encoding(None), io.DEFAULT_BUFFER_SIZE, io.open_code(p).read())
class D(io.IOBase):
    def __init__(self): self.n = 0
    def close(self): print("closing"); super().close()
d = D(); del d
with D() as d: print(d.closed)
print(d.closed)
try: d.__enter__()
except ValueError as e: print(e)
for m in ("read", "write", "fileno", "truncate"):
    try: getattr(io.RawIOBase(), m, None) and getattr(io.RawIOBase(), m)()
    except Exception as e: print(m, type(e).__name__, e)
os.unlink(p)
