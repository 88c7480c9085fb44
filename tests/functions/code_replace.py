# code.replace()
import copy


def f(a, b=2):
    "doc"
    return a, b, 7, "text"


code = f.__code__
new = code.replace(co_name="g", co_filename="made.py", co_firstlineno=100, co_qualname="q.g")
print(new.co_name, new.co_filename, new.co_firstlineno, new.co_qualname, code.co_name)
f.__code__ = new
print(f(1), f.__name__)
print(code.replace() == code, code.replace() is code, code.replace(co_argcount=2, co_varnames=("a", "b")) == code)
print(copy.replace(code, co_name="h").co_name)
f.__code__ = code.replace(co_consts=tuple(8 if c == 7 else c for c in code.co_consts))
for kw in [dict(co_name=1), dict(xx=1), dict(co_argcount="a"), dict(co_consts=[1]), dict(co_code=3)]:
    try:
        code.replace(**kw)
    except TypeError as e:
        print(e)
try:
    code.replace(1)
except TypeError as e:
    print(e)


def fails():
    raise ValueError


fails.__code__ = fails.__code__.replace(co_name="renamed", co_filename="elsewhere.py")
try:
    fails()
except ValueError as e:
    tb = e.__traceback__.tb_next
    print(tb.tb_frame.f_code.co_name, tb.tb_frame.f_code.co_filename)
