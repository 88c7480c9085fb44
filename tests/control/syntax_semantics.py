# Errors that only the compiler sees: statements in the wrong place, names declared badly.
for source in (
    "return 1",
    "break",
    "continue",
    "yield 1",
    "def f(a, a): pass",
    "nonlocal x",
    "def f():\n  global x\n  x = 1\n  global x",
    "def f():\n  nonlocal zz",
    "lambda: (yield)",
    "*a",
    "a, *b, *c = d",
    "async with x: pass",
    "await x",
    "match x:\n  case a: pass\n  case b: pass",
):
    try:
        compile(source, "<s>", "exec")
        print(repr(source), "fine")
    except SyntaxError as e:
        print(repr(source), "->", type(e).__name__, e.msg, e.lineno)
