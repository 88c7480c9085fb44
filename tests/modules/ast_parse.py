# Syntax trees of source: shapes and places.
import ast

SOURCE = '''
import os, sys as system
from . import a
from ..pkg.mod import b as c, d
x: int = 1
(y): "str"
x += 1; del x, (y)
a = b = *c, d = [1, 2.5, 3j, "s" 't', b"b", None, True, ...]
@deco(1)
# between
async def f[T: int = str, *Ts, **P](a, /, b: int = 1, *args: *Ts, k, kw=2, **rest) -> None:
    """doc"""
    global g
    async with a as b, c: pass
    async for i in x:
        await y
    else:
        yield
    return [z async for z in w if z if not z]
class C(B, metaclass=M):
    def m(self): nonlocal q; yield from self
if a: pass
elif b: pass
elif c: pass
else: pass
while x:
    break
else:
    continue
for i, in y: pass
try: pass
except (A, B) as e: raise E from e
except: raise
else: pass
finally: assert x, "m"
try: pass
except* A: pass
with (open(a) as f, g): pass
match x:
    case 1 | -2.5 + 3j: pass
    case [a, *_, {"k": v, **rest}] if a: pass
    case C(1, k=2) as z: pass
    case None | True: pass
    case a.b: pass
    case _: pass
type X[T] = list[T]
lambda a, *b, c=1: (a, b)
f"{x!r:>{w}} {{}} {x=} {y:%d}" "tail"
t"a {x + 1!s} b"
f(*a, k=1, **b)
a[1:2, ::3, ...]; a[b]
{1: 2, **c}; {1, 2}; {k: v for k, v in x}; {s for s in x}
(i for i in x); f(i for i in x)
a if b else c
a < b <= c is not d not in e
not a and b or c
-a ** +b // ~c @ d
(n := 5)
u"u"
"""multi
line"""
'''
print(ast.dump(ast.parse(SOURCE), indent=1, include_attributes=True))
print(ast.dump(ast.parse("a + 1", mode="eval")))
print(ast.dump(ast.parse("a; b", mode="single")))
print(ast.parse("a + 1\nb\nc"), ast.parse("f(x, y, z)"))
for bad in ["a +", "x = (1", "def f(:"]:
    try:
        ast.parse(bad, "bad.py")
    except SyntaxError as e:
        print(e)
print(ast.literal_eval("{'a': [1, 2.5, -3j, b'x', None, (True,)], 'b': {1, 2}}"))
for bad in ["a", "1 + a", "f()"]:
    try:
        ast.literal_eval(bad)
    except ValueError as e:
        print(str(e).split(" at ")[0])
tree = ast.parse("a\nb")
print(ast.parse("c").body[0].value.ctx is tree.body[0].value.ctx)
print([type(n).__name__ for n in ast.walk(tree)])
