# Source text nested 10,000 deep is refused with an exception.
ERRORS = (SyntaxError, MemoryError, RecursionError)
DEPTH = 10_000
sources = {
    "lists": "[" * DEPTH + "]" * DEPTH,
    "parentheses": "(" * DEPTH + "1" + ")" * DEPTH,
    "unclosed": "(" * DEPTH,
    "dicts": "{1:" * DEPTH + "1" + "}" * DEPTH,
    "calls": "f(" * DEPTH + ")" * DEPTH,
    "subscripts": "a[" * DEPTH + "0" + "]" * DEPTH,
}
for title, source in sources.items():
    for run in (eval, lambda text: compile(text, "<deep>", "exec")):
        try:
            run(source)
            print(title, "accepted")
        except ERRORS:
            print(title, "refused")
blocks = "".join(" " * i + "if 1:\n" for i in range(200)) + " " * 200 + "pass\n"
try:
    compile(blocks, "<blocks>", "exec")
    print("blocks accepted")
except ERRORS:
    print("blocks refused")
print("reasonable depth", eval("[" * 30 + "]" * 30))
