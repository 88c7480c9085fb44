# Attributes and items that cannot be set or deleted, by kind of object.
import math
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
def d(o,n):
    def f(): delattr(o,n)
    return f
def st(o,n):
    def f(): setattr(o,n,1)
    return f
class Slots: __slots__=('q',)
class Plain: pass
for o in (frozenset(), None, 1, 1.5, 1j, 'a', (), [], {}, b'', len, [].append, range(1), slice(1), object(), (i for i in []), Slots(), Plain(), Exception(), type, int, memoryview(b''), (lambda:0), iter([]), ..., NotImplemented, Plain().__init__, property(), zip(), math, (lambda:0).__code__):
    for n in ('real','x','__class__', '__doc__', '__len__','start','q'):
        print(type(o).__name__, n)
        t(d(o,n)); 
        t(st(o,n)) if not isinstance(o, type(math)) else 0
def di(o):
    def f(): del o[0]
    return f
def si(o):
    def f(): o[0]=1
    return f
for o in (1,None,1.5,'a',(),b'',frozenset(),set(),range(1),object(),Plain(),Slots(),len,(i for i in []),[],{},bytearray(),memoryview(b''),memoryview(b'a'), iter([]), int, type, Plain, slice(1), 1j, Exception()):
    t(di(o)); t(si(o))
    t(lambda: o[0]); t(lambda: o['a'])
t(lambda: type('a\0b', (), {}))
t(lambda: type('X', (1,), {}))
t(lambda: type('a\udc80b', (), {}))
t(lambda: type('X', (), {'a\0b':1}))

class M(type): pass
t(lambda: M('X', (1,), {}))
t(lambda: type('X', (Plain,1), {}))
t(lambda: type('X', ("a",), {}))
t(lambda: type('X', (True,), {}))
t(lambda: type('X', (len,), {}))
t(lambda: type('X', (None,), {}))
t(lambda: type(1, (None,), {}))
t(lambda: type('X', [None], {}))
