# Which except clause is chosen: order, tuples, base classes, bad clauses.
class AppError(Exception):
    pass


class NetworkError(AppError):
    pass


def classify(error):
    try:
        raise error
    except (TypeError, ValueError) as e:
        return "tuple", type(e).__name__
    except NetworkError:
        return "network"
    except AppError:
        return "app"
    except LookupError as e:
        return "lookup", e.args
    except Exception:
        return "other"
    except:
        return "base"


for e in (ValueError(), TypeError("t"), NetworkError(), AppError(), KeyError(1), IndexError()):
    print(classify(e))
print(classify(ZeroDivisionError), classify(KeyboardInterrupt()), classify(SystemExit(1)))
print(classify(UnicodeError()))
try:
    try:
        raise ValueError("original")
    except 5:
        pass
except TypeError as e:
    print(e, "|", repr(e.__context__))
for bad in (5, "text", int, None):
    try:
        raise bad
    except TypeError as e:
        print(e)
try:
    raise
except RuntimeError as e:
    print(e)
kind = ValueError
try:
    raise kind
except kind as caught:
    print(repr(caught), caught.args)
print("caught" in globals())
