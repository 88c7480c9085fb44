# Own exception classes: arguments, attributes, str and repr.
class Plain(Exception):
    pass


class Coded(Exception):
    def __init__(self, code, message="none"):
        super().__init__(code, message)
        self.code = code

    def __str__(self):
        return f"[{self.code}] {self.args[1]}"


class Silent(Exception):
    def __init__(self, x):
        self.x = x


for e in (
    Plain(), Plain("one"), Plain("one", 2), Coded(404), Coded(500, "broken"), Silent(7), KeyError("k"),
    KeyError(),
):
    print(type(e).__name__, "|", str(e), "|", repr(e), "|", e.args)
try:
    raise Coded(1, "raised")
except Plain:
    print("wrong")
except Coded as e:
    print(e.code, e, e.__traceback__.tb_lineno, e.__traceback__.tb_frame.f_code.co_name)
print(issubclass(Plain, BaseException), Plain.__mro__[1:3])
e = Plain("note me")
e.add_note("a note")
e.add_note("another")
print(e.__notes__)
try:
    e.add_note(5)
except TypeError as t:
    print(t)
print(Plain("x") == Plain("x"), e.with_traceback(None) is e)
try:
    e.__cause__ = 5
except TypeError as t:
    print(t)
