# Builtin exceptions carry data about what went wrong.
import sys


class Box:
    pass


def attempt(code, *names):
    try:
        exec(code, {"Box": Box})
    except BaseException as e:
        values = [repr(getattr(e, name)) if not isinstance(getattr(e, name), Box) else "box" for name in names]
        print(type(e).__name__, "|", e, "|", *values)


attempt("Box().size", "name", "obj")
attempt("unknown", "name", "args")
attempt("raise SystemExit(3)", "code")
attempt("raise StopIteration(5)", "value")
attempt("raise OSError(2, 'text')", "errno", "strerror", "filename", "args")
attempt("raise OSError(2, 'text', 'file.txt')", "errno", "filename")
attempt("raise OSError('only one')", "errno", "args")
attempt("raise ImportError('m', name='n', path='p')", "name", "path", "msg")
attempt("import no_such_module", "name", "msg")
attempt("from sys import no_such_name", "name")
attempt("b'\\xff'.decode()", "encoding", "object", "start", "end", "reason")
attempt("'\\u20ac'.encode('ascii')", "encoding", "start", "end", "reason")
attempt("x = = 1", "lineno", "offset", "text", "msg", "filename")
attempt("raise KeyError('a b')", "args")
attempt("{}['quoted']", "args")
attempt("[][3]", "args")
print(sys.exception())
try:
    1 / 0
except ZeroDivisionError as e:
    print(sys.exception() is e, sys.exc_info()[0].__name__, sys.exc_info()[1] is e)
print(sys.exc_info())
