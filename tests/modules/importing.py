# import statements: names, aliases, from, errors, modules as objects.
import math
import math as m
from math import pi, sqrt as root
import sys, gc


def local_import():
    import time as t

    return t.__name__


print(math is m, pi == math.pi, root(9), m.__name__, sys.modules["math"] is math, local_import())
print("t" in globals(), type(math).__name__, gc.__name__)
math.custom = "set on the module"
print(m.custom, hasattr(math, "custom"), "pi" in dir(math), math.__doc__ is not None, vars(math)["custom"])
print(__import__("math") is math)
del math.custom
for statement in (
    "import no_such_module", "from math import nothing", "import math.sub", "from no_such import x",
    "math.nothing", "from sys import path, nope",
):
    try:
        exec(statement)
    except (ImportError, AttributeError) as e:
        print(statement, "->", type(e).__name__, e.msg if hasattr(e, "msg") else e)
space = {}
exec("from math import *", space)
print("sqrt" in space, space["tau"] == math.tau, any(n.startswith("_") for n in space if n != "__builtins__"))
try:
    exec("def f():\n    from math import *")
except SyntaxError as e:
    print(e.msg)
print(__name__, __file__.endswith("importing.py"), __spec__)
