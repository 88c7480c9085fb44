# Trees that are changed or made by hand, compiled and run.
import ast


def run(tree, name="made.py"):
    space = {}
    exec(compile(ast.fix_missing_locations(tree), name, "exec"), space)
    return space


source = '''
def f[T](a, /, b=2, *args, c, d=4, **kw) -> int:
    "doc \\u20ac"
    return a, b, args, c, d, kw
class K(dict, x=1):
    def __init_subclass__(cls, **kw): print(cls, kw)
    def __init__(self): self.y = [i * j for i in range(3) for j in range(2) if i]
    def __init_subclass__(cls, x): pass
'''.replace(", x=1", "")
space = run(ast.parse(source))
print(space["f"](1, 2, 3, c=4, e=5), ascii(space["f"].__doc__), space["f"].__type_params__)
print(space["K"]().y)


class Double(ast.NodeTransformer):
    def visit_Constant(self, node):
        if isinstance(node.value, int):
            return ast.copy_location(ast.Constant(node.value * 2), node)
        return node


tree = Double().visit(ast.parse("print(1 + 2, f'{3:>{5}}', {4: [5, *(6,)]}, 2 < 1 < 3, 7 if 0 else 8)"))
run(tree)

# Places: a traceback names the lines of the tree.
tree = ast.parse("\n\ndef g():\n\n    return 1 / 0\n\n\ng()")
ast.increment_lineno(tree, 100)
try:
    run(tree)
except ZeroDivisionError as e:
    tb = e.__traceback__.tb_next
    while tb:
        print(tb.tb_lineno, tb.tb_frame.f_code.co_name)
        tb = tb.tb_next

made = ast.Module(
    [
        ast.Assign([ast.Name("x", ast.Store())], ast.Constant(((1, 2.5, None), b"\x00'", "'\n", 1 << 70, -3, 1e400))),
        ast.Expr(ast.Call(ast.Name("print"), [ast.Name("x")], [ast.keyword("end", ast.Constant("!\n"))])),
        ast.If(ast.Constant(False), [ast.Pass()], [ast.If(ast.Constant(True), [ast.Expr(ast.Call(ast.Name("print")))])]),
    ]
)
run(made)
print(eval(compile(ast.Expression(ast.Constant(3, lineno=1, col_offset=0)), "e", "eval")))
deep = ast.Constant(1)
for i in range(300):
    deep = ast.BinOp(deep, ast.Add(), ast.Constant(1))
print(eval(compile(ast.fix_missing_locations(ast.Expression(deep)), "e", "eval")))

match_tree = ast.parse(
    """
def m(x):
    match x:
        case 1 | -2: return "number"
        case [a, *rest] if a: return a, rest
        case {"k": v, **rest}: return v, rest
        case str() as s: return s
        case complex(real=r): return r
        case None: return "none"
        case _: return "other"
print([m(x) for x in (1, -2, [3, 4], {"k": 5, "l": 6}, "s", 7j, None, 8)])
"""
)
run(match_tree)
run(ast.parse("try:\n raise ExceptionGroup('g', [ValueError(1)])\nexcept* ValueError as e: print(e.exceptions)\nfinally: print('f')"))
run(ast.parse("from collections import deque as d\nimport sys\nprint(d([1]), (lambda a, *b, c=1: (a, b, c))(1, 2))"))
run(ast.parse("a = [1, 2, 3]\nprint(a[1:], a[::2], not a, -a[0] ** 2, (b := 3), b)\nfor i, (j, k) in [(1, (2, 3))]: print(i, j, k)"))


def t(make, mode="exec"):
    try:
        compile(make(), "bad.py", mode)
        print("compiled")
    except Exception as e:
        print(type(e).__name__, e)


place = dict(lineno=1, col_offset=0)
t(lambda: ast.Module([ast.Expr(ast.Name("a"))], []))
t(lambda: ast.Expression(ast.Constant(3)))
t(lambda: ast.Expression(ast.Constant(3)), "eval")
t(lambda: ast.Module([ast.FunctionDef("f", ast.arguments(), [], **place)]))
t(lambda: ast.Module([3]))
t(lambda: ast.Module(3))
t(lambda: ast.Expression(ast.Constant([], **place)), "eval")
t(lambda: ast.Expression(ast.Compare(ast.Constant(1, **place), [], [], **place)), "eval")
t(lambda: ast.Expression(ast.Name(3, **place)), "eval")
t(lambda: ast.Expression(ast.Name("True", **place)), "eval")
t(lambda: ast.parse("return 1"))
t(lambda: ast.parse("nonlocal x"))
for make in (
    lambda: ast.Name("a", "b", "c"),
    lambda: ast.Name("a", id="b"),
    lambda: ast.Load(1),
):
    try:
        make()
    except TypeError as e:
        print(e)
n = ast.Name("x")
print(n, n.ctx, ast.Name._fields, ast.Name._field_types, ast.Name.__match_args__, ast.Name.__doc__)
print(ast.FunctionDef._attributes, ast.FunctionDef.__mro__, ast.arg.annotation, ast.Module([]).type_ignores)
print(ast.dump(ast.Call(ast.Name("f"))), ast.dump(n.__replace__(id="y")))
print(isinstance(n, ast.expr), ast.PyCF_ONLY_AST, compile(made, "x", "exec", ast.PyCF_ONLY_AST) is made)
