# When arguments, results and intermediate values of calls are freed.
class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  del", self.name)

    def chain(self):
        return Noisy(self.name + "'")

    def __add__(self, other):
        return Noisy(self.name + other.name)


def takes(a, b):
    print("  takes", a.name, b.name)
    return b


def drops(a):
    a = None
    print("  dropped inside")


print("arguments")
kept = takes(Noisy("a"), Noisy("b"))
print("kept", kept.name)
print("rebound argument")
drops(Noisy("c"))
print("method chain")
Noisy("d").chain().chain()
print("sum")
total = Noisy("e") + Noisy("f") + Noisy("g")
print("total", total.name)
print("star arguments")
print(" ", (lambda *args: len(args))(*[Noisy("h"), Noisy("i")]))
print("default")
kept = total = None
