# Globals may bring their own built-in names.


class Upper(dict):
    def __missing__(self, key):
        return key.upper()


def show(source, scope):
    try:
        print(source, eval(source, scope))
    except Exception as e:
        print(source, type(e).__name__, e)


def run(source, scope):
    try:
        exec(source, scope)
        print(repr(source), [name for name in scope if name != "__builtins__"])
    except Exception as e:
        print(repr(source), type(e).__name__, e)


show("print", {"__builtins__": {}})
show("a", {"__builtins__": {"a": 5}})
show("len", {"__builtins__": {"len": 6}})
show("len('abc')", {"__builtins__": __builtins__})
module = type(__builtins__)("module")
module.x = 4
show("x", {"__builtins__": module})
show("len", {"__builtins__": module})
show("missing", {"__builtins__": Upper()})
for wrong in (5, [1], None):
    show("name", {"__builtins__": wrong})
for source in (
    "class A: pass",
    "import sys",
    "assert 0",
    "def f(): return len\nf()",
    "x = [i for i in (1, 2)]",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass",
):
    run(source, {"__builtins__": {}})
run("class A: pass", {"__builtins__": {"__build_class__": lambda f, n, *b: n}, "__name__": "m"})
run("import anything", {"__builtins__": {"__import__": lambda *a: a[0]}})
scope = {"__builtins__": {}}
exec("def f(): return y", scope)
f = scope["f"]
try:
    f()
except NameError as e:
    print(e)
for value in (3, 4):
    scope["__builtins__"]["y"] = value
    print([f() for _ in range(5)])
scope["y"] = 5
print(f())
del scope["y"]
print(f(), f.__builtins__)
plain = {}
exec("def f(): return len", plain)
print(plain["f"]() is len, plain["f"].__builtins__ is __builtins__.__dict__)
