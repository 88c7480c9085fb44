# Errors of the grammar, with the hints that go with frequent mistakes.
for source in (
    "if x = 1: pass",
    "print 'hello'",
    "def f(:",
    "for i in range(3)\n    pass",
    "class A\n",
    "f(a=1, 2)",
    "f(**k, *a)",
    "def f(a=1, b): pass",
    "x + 1 = 2",
    "f() = 1",
    "None = 1",
    "1 = x",
    "import",
    "from x import",
    "else: pass",
    "try: pass",
    "a b",
    "with open(x) as 1: pass",
    "raise from x",
    "x = 5 if 1",
    "{1: 2, 3}",
    "def f(*): pass",
    "del",
    "(a, b) += 1",
    "while 1 print(1)",
):
    try:
        compile(source, "<s>", "exec")
        print(repr(source), "fine")
    except SyntaxError as e:
        print(repr(source), "->", type(e).__name__, e.msg, e.lineno)
