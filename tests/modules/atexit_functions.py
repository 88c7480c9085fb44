# atexit: registering, unregistering, errors in callbacks, callbacks registered too late.
import atexit
print(atexit.__doc__)
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
t(lambda: atexit.register())
t(lambda: atexit.register(1))
t(lambda: atexit.unregister())
t(lambda: atexit.unregister(1,2))
t(lambda: atexit._ncallbacks())
t(lambda: atexit._ncallbacks(1))
def f(*a, **k): print('f', a, k)
t(lambda: atexit.register(f, 1, x=2) is f)
atexit.register(f, 2)
atexit.register(print, 'p')
class Eq:
    def __eq__(s, o): print('eq', o is f); return False
t(lambda: atexit.unregister(Eq()))
t(lambda: atexit._ncallbacks())
t(lambda: atexit.unregister(f))
t(lambda: atexit._ncallbacks())
t(lambda: atexit._run_exitfuncs())
t(lambda: atexit._ncallbacks())
t(lambda: atexit.register(print, 'p'))
t(lambda: atexit._clear())
t(lambda: atexit._ncallbacks())
def bad(): 1/0
atexit.register(f, 'first')
atexit.register(bad)
def reg(): atexit.register(f, 'registered at exit'); print('reg', atexit._ncallbacks())
atexit.register(reg)
t(lambda: atexit._run_exitfuncs())
class BadEq:
    def __eq__(s, o): 1/0
atexit.register(f)
t(lambda: atexit.unregister(BadEq()))
atexit.register(f, 'last')
atexit.register(bad)
def ex(): raise SystemExit(3)
atexit.register(ex)
atexit.register(reg)
print('end', [n for n in dir(atexit) if not n.startswith('__')], atexit)
