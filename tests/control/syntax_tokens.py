# Errors of the text itself: strings, numbers, brackets, indentation.
for source in (
    "x = [1, 2",
    "x = 1)",
    "'unterminated",
    "if 1:\npass",
    "if 1:\n    a\n  b",
    "f'{'",
    "f'{}'",
    "f'{a!x}'",
    "0777",
    "1__0",
    "0xg",
    "1abc",
    "\\ x",
    "a ? b",
    "é = $",
):
    try:
        compile(source, "<s>", "exec")
        print(repr(source), "fine")
    except SyntaxError as e:
        print(repr(source), "->", type(e).__name__, e.msg, e.lineno)
