# What is printed of exceptions in finalizers: no underlining, notes, chains or groups.
import sys
class A:
    def __del__(self): raise self.e
def go(e):
    a = A(); a.e = e
    del a
    sys.stderr.flush()
go(ValueError()); go(ValueError('x')); go(KeyError('k')); 
e=ValueError('multi\nline'); e.add_note('note'); go(e)
try:
    try: 1/0
    except Exception as x: raise KeyError('chained') from x
except Exception as y: e2=y
go(e2)
go(ExceptionGroup('g',[ValueError(1)]))
go(SyntaxError('bad', ('f',1,2,'abc\n',1,3)))
class E(Exception):
    def __str__(s): 1/0
go(E())
class Outer:
    class In(Exception): pass
go(Outer.In(3))
def rec(n):
    if n: rec(n-1)
    else: raise ValueError('deep')
class B:
    def __del__(s): rec(10)
B()
class C:
    def __del__(s):
        (1 +
          1/0)
C()
