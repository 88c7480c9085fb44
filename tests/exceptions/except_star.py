# except* handles the matching part of a group and passes on the rest.
def run(error):
    try:
        try:
            raise error
        except* ValueError as g:
            print("values", [str(e) for e in g.exceptions])
        except* (TypeError, KeyError) as g:
            print("types", type(g).__name__, [type(e).__name__ for e in g.exceptions])
        else:
            print("else")
        finally:
            print("finally")
    except BaseException as e:
        print("left over", repr(e))


run(ExceptionGroup("g", [ValueError(1), TypeError(2), ValueError(3)]))
run(ExceptionGroup("g", [ValueError(1), OSError(2)]))
run(ValueError("bare"))
run(OSError("unmatched"))
run(ExceptionGroup("g", [ExceptionGroup("n", [KeyError("deep")]), IndexError("i")]))
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
    except* ValueError:
        raise RuntimeError("from the handler")
except ExceptionGroup as g:
    print(repr(g), [repr(e) for e in g.exceptions])
try:
    pass
except* ValueError:
    print("never")
else:
    print("nothing raised")
try:
    try:
        raise ValueError
    except* ExceptionGroup:
        pass
except TypeError as e:
    print(e)
