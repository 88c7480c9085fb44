# print: sep, end, file, flush, and what it does to its arguments.
import sys

print()
print("a", 1, None, [2], sep="-", end="!\n")
print("x", end="")
print("y", end="", flush=True)
print(*[], sep="unused")
print(*"abc", sep="")
print("tab\tnew\\n", "é€😀", repr("é"), b"b")
print(sep="x", end="|\n")
print(1, 2, sep=None, end=None)
print("to stdout", file=sys.stdout)
sys.stdout.write("written\n")


class Sink:
    def __init__(self):
        self.parts = []

    def write(self, text):
        self.parts.append(text)


sink = Sink()
print("a", "b", file=sink)
print(1, end="", file=sink)
print(sink.parts)


class Loud:
    def __str__(self):
        print("(str called)", end=" ")
        return "loud"


print("before", Loud(), "after")
for call in ("print(1, sep=5)", "print(1, end=5)", "print(1, foo=2)", "print(1, file=5)"):
    try:
        eval(call)
    except (TypeError, AttributeError) as e:
        print("\n" + call, "->", type(e).__name__, e)
print(print("nested"))
