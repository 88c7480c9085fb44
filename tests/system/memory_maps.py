import mmap, os
p = "/tmp/hognose-mmap-test.bin"
with open(p, "wb") as f: f.write(b"hello\nworld" * 10)
with open(p, "r+b") as f:
    m = mmap.mmap(f.fileno(), 0)
    print(len(m), m[0], m[:5], m[-1], m[::20], m.readline(), m.tell(), m.read(3), m.find(b"world"), m.rfind(b"world"))
    m[0:5] = b"HELLO"; m[5] = 33; print(m.seek(0), m.read(6), m.flush(), m.size())
    m.seek(0); print(m.write(b"ab"), m.write_byte(99), m.tell(), m.read_byte()); m.move(0, 5, 3); print(m[:8])
    for f2 in (lambda: m[1000], lambda: m["x"], lambda: m.seek(-1), lambda: m.write(b"x" * 1000)):
        try: f2()
        except Exception as e: print(type(e).__name__, e)
    m.close(); print(m.closed, m)
    try: m[0]
    except ValueError as e: print(e)
    with mmap.mmap(f.fileno(), 10, access=mmap.ACCESS_READ) as r:
        print(r)
        try: r[0] = 1
        except TypeError as e: print(e)
a = mmap.mmap(-1, 100); a[:3] = b"abc"; print(a[:4]); a.close()
os.unlink(p)
