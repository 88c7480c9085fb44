# __bool__, __len__, __call__, __int__, __index__, __float__ and __format__.
class Truth:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        return self.value


class Sized:
    def __len__(self):
        return 0


class Both(Sized):
    def __bool__(self):
        return True


print(bool(Truth(False)), not Truth(True), bool(Sized()), bool(Both()), bool(object()))
for bad in ("Truth(1)", "Truth(None)"):
    try:
        bool(eval(bad))
    except TypeError as e:
        print(e)


class Adder:
    def __init__(self, n):
        self.n = n

    def __call__(self, x, *, scale=1):
        return (self.n + x) * scale

    def __index__(self):
        return self.n

    def __int__(self):
        return self.n + 100

    def __float__(self):
        return self.n + 0.5

    def __format__(self, spec):
        return f"<{self.n}:{spec}>"


a = Adder(2)
print(a(3), a(3, scale=10), callable(a), callable(Sized()))
print("abcd"[a], [10, 20, 30][a], int(a), float(a), hex(a), range(9)[a], f"{a:x>5}", format(a))


class BadLen:
    def __len__(self):
        return -1


try:
    len(BadLen())
except ValueError as e:
    print(e)
try:
    len(5)
except TypeError as e:
    print(e)
