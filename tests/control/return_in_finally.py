# A return in finally swallows the exception, and the compiler warns about it.
def swallow():
    try:
        raise ValueError("lost")
    finally:
        return "from finally"


def override():
    try:
        return "from try"
    finally:
        return "from finally"


def leave_loop():
    while True:
        try:
            raise KeyError
        finally:
            break
    return "left the loop"


print(swallow(), override(), leave_loop())
