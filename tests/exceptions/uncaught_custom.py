# Names of uncaught exceptions: own classes with their qualified name, empty and long messages.
class Outer:
    class Inner(Exception):
        def __str__(self):
            return "line one\nline two"


print(Outer.Inner.__name__, Outer.Inner.__qualname__)
try:
    try:
        raise Outer.Inner
    finally:
        raise KeyError("text with 'quotes'")
except KeyError as e:
    e.__context__.__context__ = ValueError()
    raise
