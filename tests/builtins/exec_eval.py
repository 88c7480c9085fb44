# eval, exec and compile with their namespaces.
x = 10
print(eval("x + 1"), eval("x + y", {"x": 1}, {"y": 2}), eval(" 1 + 1 "), eval("[i for i in range(3)]"))
print(eval("(lambda: x)()"))
exec("x = 20; y = x + 1")
print(x, y)
space = {}
exec("a = 1\ndef f(n):\n    return n + a\nclass K:\n    v = f(1)", space)
print(space["f"](5), space["K"].v, sorted(k for k in space if k != "__builtins__"), exec("1 + 1"))
code = compile("a * b", "<test>", "eval")
print(eval(code, {"a": 6, "b": 7}), code.co_filename, code.co_name, code.co_names, type(code).__name__)
program = compile("total = sum(range(n))", "<p>", "exec")
for n in (5, 10):
    exec(program)
    print(total)
single = compile("1 + 1\n", "<s>", "single")
exec(single)


def local():
    v = 5
    exec("v = 6; w = 7")
    return v, eval("v * 2"), "w" in locals()


print(local())
scope = {"__builtins__": {"len": len}}
print(eval("len([1])", scope))
for call in (
    "eval('print', scope)", "eval('1 +')", "eval('x = 1')", "eval('')", "exec('if')", "eval(5)", "exec(None)",
    "compile('1', 'f', 'bad')", "eval('1', 5)", "eval('undefined_here')", "eval('1; 2')", "exec('return')",
    "eval('\\n')", "compile('a\\0b', 'f', 'exec')", "eval('x', {'x': 1}, 5)",
):
    try:
        print(call, eval(call))
    except (NameError, SyntaxError, TypeError, ValueError) as e:
        print(call, "->", type(e).__name__, e.msg if isinstance(e, SyntaxError) else e)
