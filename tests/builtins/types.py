# type, isinstance, issubclass and their messages.
class A:
    pass


class B(A):
    pass


print(type(1).__name__, type("").__name__, type(None).__name__, type(A).__name__, type(A()).__name__)
print(type(len).__name__, type(A().__init__).__name__, type(type), type(...).__name__)
print(type(print) is type(len))
print(isinstance(1, int), isinstance(True, int), isinstance(1, (str, int)), isinstance(B(), A))
print(isinstance(A, type), isinstance([], list | None), isinstance(None, int | None), isinstance(1, float))
print(isinstance("a", (int, (str, bytes))))
print(issubclass(B, A), issubclass(A, B), issubclass(bool, (str, int)), issubclass(B, object))
print(issubclass(B, B), issubclass(int, int | str))
C = type("C", (A,), {"x": 5, "f": lambda self: self.x})
print(C.__name__, C().f(), C.__bases__, C.__module__, type("D", (), {})().__class__.__name__, int | str)
print((int | None).__args__, type(int | str).__name__)


class Meta(type):
    def __instancecheck__(cls, obj):
        return obj == "yes"

    def __subclasscheck__(cls, sub):
        return sub is int


class Fake(metaclass=Meta):
    pass


print(isinstance("yes", Fake), isinstance("no", Fake), issubclass(int, Fake), issubclass(str, Fake))
print(isinstance(Fake(), Fake))
for call in (
    "isinstance(1, 1)", "isinstance(1, 'int')", "issubclass(1, int)", "issubclass(int, 1)", "isinstance(1)",
    "type()", "type(1, 2)", "type('X', 1, {})", "type(1, (), {})", "type('X', (1,), {})",
    "isinstance(1, [int])", "isinstance(1, list[int])", "int | 'x'", "type('X', (), [])",
    "type('a\\0b', (), {})",
):
    try:
        print(call, eval(call))
    except (TypeError, ValueError) as e:
        print(call, "->", type(e).__name__, e)
