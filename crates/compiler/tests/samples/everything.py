"""Every construct once."""
from __future__ import annotations
import os, sys as system, a.b.c, d.e.f as g
from . import x as y
from ..m import (n, o as p)
from q import *
@decorator
@other.one(1)
def f(a, b=1, /, c=2, *args: int, d, e=3, **kw: str) -> "r":
    "doc"
    global G
    G = a
    del a, b[0], c.d, (e, kw)
    return
def outer(x):
    y = 1
    def inner():
        nonlocal y
        y += x
        return lambda z=y, *a, **k: z + y + x
    class K(Base, *bases, meta=M, **kw):
        "doc"
        attr: int = 1
        if x:
            other: str
        def m(self, __p):
            self.q = self.__r = __class__
            return super().m(), super(K, self).n, [super().x for _ in y]
        z = [attr for i in range(3) if i]
    return inner, K
def gen():
    a = yield
    b = yield a
    c = yield from b
    try:
        yield 1
    except (ValueError, TypeError) as e:
        yield e
    except:
        raise
    else:
        yield 3
    finally:
        yield 4
    return c
async def co(x):
    await x
    async for i, j in x:
        if i: continue
        break
    else:
        pass
    async with a as b, c as (d, e): return b
    r = [i async for i in x if await i]
    s = {await k: v async for k, v in x}
    return (i async for i in x)
async def agen():
    yield 1
    [x async for x in y]
def flow(n):
    for i in n:
        try:
            with a, b as c:
                if i: return i
                elif c: break
                else: continue
        except E as e:
            continue
        finally:
            if n: break
    else:
        n = None
    while n and not (a or b): n -= 1
    while True:
        try: return f(n)
        finally: cleanup()
    assert n, "message"
    assert n < 1 < 2 < x
    raise A from B
def star():
    try:
        pass; f()
    except* A as e:
        g(e)
    except* (B, C):
        pass
    else: h()
    finally: i()
def m(x):
    match x:
        case 1 | "a" | -1 | 1+2j | None | True: a = 1
        case [a, b, *rest] if a: pass
        case [_, *_, last]: pass
        case (1, [2, c]) | {"k": c}: pass
        case {"a": 1, b.c: v, **rest}: pass
        case Point(x=0, y=yy) | Point(0, yy): pass
        case A.B: pass
        case str() as s: pass
        case _: pass
type Alias[T: int, *Ts, **P] = dict[T, P]
def generic[T: (int, str) = int, *Ts = *x, **P = [int]](a: T = 1, *, k: P = 2) -> T: return a
class Generic[T](Base, k=1):
    def m[U](self: T, u: U) -> T: pass
ann: int
ann2: list[int] = []
a.b: int = 1
x = y = z, = 1
(a, *b), [c, d] = e
a, b = b, a
a.b.c += 1; a[b] -= c; a[1:2, ::3] *= 2; x //= 3; x @= y; x **= 2
s = f"{a} {b!r:>{w}.{p}} {c=} {{}}" "plain" rf'\d{d}'
t = t"{a} {b!s:x} {c=}"
u = 'a' 'b' "\ud800\N{BULLET}" + b'c'.decode() + '''multi
line'''
n = 1_000 + 0xff + 0o17 + 0b1 + 1e10 + 2j + 123456789012345678901234567890
l = [*a, 1, *b], {*a, b}, {**a, 'b': 1}, (1, *a), {}, [], ()
c = a < b <= c != d is not e in f not in [1, 2, 3]
q = a if b else c if d else e
w = (y := f(x)) + y, [y := 1, y**2], [last := i for i in x]
k = f(*a, b, *c, d=1, **e, g=2, **h), f(x for x in y), f(*a), f(**k), f()
z = lambda: (yield)
v = {k: v for k, v in x.items() if k if v}, {a for a in b for c in a}, [[i for i in j] for j in k]
e = ..., None, True, __debug__, not x, ~x, +x, -x
print(x[0], x[-1], x[i], x[1:], x[:, 1], x[...], x[*a])
if __debug__: dead()
if 0: dead()
elif 1: alive()
else: dead()
while 0: dead()
with (open(a) as b, c): pass
for x.y in z: pass
for (a, b), c in d: pass
