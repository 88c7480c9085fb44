# sys.unraisablehook: its argument, hooks that fail, no hook.
import sys
def hook(u):
    print(type(u), type(u).__name__, type(u).__module__, type(u).__qualname__, len(u), u.exc_type, u.exc_value, type(u.exc_traceback), u.err_msg.split(' at 0x')[0], u.object)
    print(u[0], u._fields if hasattr(u,'_fields') else '', u.n_fields, u.n_sequence_fields, u.n_unnamed_fields)
    print(repr(u)[:40])
    sys.__unraisablehook__(u)
sys.unraisablehook = hook
class A:
    def __del__(self): 1/0
A()
def bad(u): raise ValueError('in hook')
sys.unraisablehook = bad
A()
sys.unraisablehook = None
A()
del sys.unraisablehook
A()
try: sys.__unraisablehook__(1)
except TypeError as e: print(e)
