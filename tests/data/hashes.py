# The hash functions.
import hashlib
import _blake2
import _md5
import _sha3

def t(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e)



for name in sorted(hashlib.algorithms_guaranteed):
    h = getattr(hashlib, name)(b"start")
    h.update(bytearray(b"x" * 1000))
    h.update(memoryview(b"y" * 300))
    g = h.copy()
    g.update(b"more")
    n = (20,) if name.startswith("shake") else ()
    print(name, h.hexdigest(*n), g.digest(*n) == h.digest(*n), h.name, h.block_size, h.digest_size)
t(
    lambda: _md5.md5('a'),
    lambda: _md5.md5(3),
    lambda: _md5.md5(b'a',b'b'),
    lambda: _md5.md5(b'',string=b'a'),
    lambda: _blake2.blake2b(digest_size=65),
    lambda: _blake2.blake2b(digest_size=0),
    lambda: _blake2.blake2b(key=b'a'*65),
    lambda: _blake2.blake2b(salt=b'a'*17),
    lambda: _blake2.blake2b(person=b'a'*17),
    lambda: _blake2.blake2b(fanout=256),
    lambda: _blake2.blake2b(depth=0),
    lambda: _blake2.blake2b(depth=256),
    lambda: _blake2.blake2b(leaf_size=-1),
    lambda: _blake2.blake2b(node_offset=-1),
    lambda: _blake2.blake2b(node_depth=256),
    lambda: _blake2.blake2b(inner_size=65),
    lambda: _blake2.blake2b(b'abc',digest_size=20,key=b'k',salt=b's',person=b'p',fanout=2,depth=2,leaf_size=5,node_offset=7,node_depth=1,inner_size=32,last_node=True).hexdigest(),
    lambda: _blake2.blake2s(b'abc',digest_size=20,key=b'k',salt=b's',person=b'p',fanout=2,depth=2,leaf_size=5,node_offset=7,node_depth=1,inner_size=32,last_node=True).hexdigest(),
    lambda: _blake2.blake2b(b'abc').hexdigest(),
    lambda: _sha3.shake_128(b'a').hexdigest(10),
    lambda: _sha3.shake_128(b'a').digest(-1),
    lambda: _sha3.shake_128(b'a').digest('a'),
)
