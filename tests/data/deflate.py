# Deflate streams, whole and in parts.
import zlib

def t(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e)


t(
    lambda: zlib.decompress(b'abc'),
    lambda: zlib.decompress(b''),
    lambda: zlib.decompress(zlib.compress(b'hello')[:-2]),
    lambda: zlib.decompress(zlib.compress(b'hello')[:-1]+b'x'),
    lambda: zlib.compress(b'a',10),
    lambda: zlib.compress('a'),
    lambda: zlib.decompress(zlib.compress(b'a',wbits=-15),-15),
    lambda: zlib.decompress(zlib.compress(b'a',wbits=31),31),
    lambda: zlib.decompress(zlib.compress(b'a',wbits=31),47),
    lambda: zlib.compress(b'a',wbits=99),
    lambda: zlib.decompress(b'x',wbits=99),
    lambda: zlib.decompress(b'x',bufsize=0),
    lambda: zlib.crc32(b'a',1),
    lambda: zlib.adler32(b'a'),
    lambda: zlib.adler32(b'a',0),
    lambda: zlib.compressobj().flush(9),
    lambda: zlib.decompressobj().flush(0),
    lambda: zlib.compress(b'hello world'*3),
    lambda: zlib.compressobj(wbits=99),
    lambda: zlib.decompressobj(wbits=99),
    lambda: zlib.decompressobj().decompress(b'junk'),
    lambda: zlib.decompress(zlib.compress(b'a')+b'xx'),
)
d = zlib.decompressobj()
c = zlib.compress(b'abc'*1000)+b'tail'
t(
    lambda: d.decompress(c,10),
    lambda: len(d.unconsumed_tail)>0,
    lambda: d.eof,
    lambda: len(d.flush()),
    lambda: d.eof,
    lambda: d.unused_data,
    lambda: d.decompress(b'more'),
    lambda: d.unused_data,
    lambda: d.flush(),
)
data = b"".join(b"line %d\n" % i for i in range(5000))
for wbits in (15, -15, 31, 9, -9):
    for level in (-1, 0, 1, 9):
        c = zlib.compressobj(level, wbits=wbits)
        packed = b"".join(c.compress(data[i : i + 777]) for i in range(0, len(data), 777)) + c.flush()
        d = zlib.decompressobj(wbits)
        parts = b""
        for i in range(0, len(packed), 100):
            parts += d.decompress(packed[i : i + 100])
        print(wbits, level, parts + d.flush() == data, d.eof, zlib.decompress(packed, wbits) == data)
d = zlib._ZlibDecompressor()
out = b""
chunk = zlib.compress(data) + b"rest"
while not d.eof:
    out += d.decompress(chunk, 1000)
    chunk = b""
print(out == data, d.unused_data, d.needs_input)
c = zlib.compressobj()
x = c.compress(b"aa") + c.flush(zlib.Z_SYNC_FLUSH)
e = c.copy()
print(zlib.decompress(x + c.flush()), zlib.decompress(x + e.compress(b"b") + e.flush()))
