# __new__: immutable subclasses, singletons, returning something else.
class Inches(float):
    def __new__(cls, value, unit="in"):
        self = super().__new__(cls, value * 2.54)
        self.unit = unit
        return self


class Single:
    instance = None

    def __new__(cls, *args):
        if cls.instance is None:
            cls.instance = super().__new__(cls)
        return cls.instance

    def __init__(self, tag):
        print("init", tag)
        self.tag = tag


class Other:
    def __new__(cls):
        return "not an instance"

    def __init__(self):
        print("never called")


i = Inches(2)
print(i, i.unit, isinstance(i, float), i + 1, type(i + 1).__name__)
print(Single(1) is Single(2), Single.instance.tag, Other())


class Pair(tuple):
    def __new__(cls, a, b):
        return tuple.__new__(cls, (a, b))

    first = property(lambda self: self[0])


p = Pair(1, 2)
print(p, p.first, p == (1, 2), len(p), type(p).__name__)


class NoArgs:
    pass


for call in (lambda: NoArgs(1), lambda: object(1), lambda: object.__new__(1), lambda: object.__new__(int)):
    try:
        call()
    except TypeError as e:
        print(e)
