# What __exit__ returns decides; errors in __enter__ and __exit__ travel on.
class Manager:
    def __init__(self, name, enter=None, leave=None, result=False):
        self.name, self.enter, self.leave, self.result = name, enter, leave, result

    def __enter__(self):
        if self.enter:
            raise self.enter
        return self

    def __exit__(self, kind, value, tb):
        print("exit", self.name, repr(value))
        if self.leave:
            raise self.leave
        return self.result


def attempt(*managers, error=None):
    try:
        with managers[0], managers[-1] if len(managers) > 1 else Manager("filler"):
            if error:
                raise error
            print("body")
        print("normal end")
    except Exception as e:
        print("raised", repr(e), "context", repr(e.__context__))


attempt(Manager("a"))
attempt(Manager("a", result=True), error=ValueError(1))
attempt(Manager("a"), Manager("b", result="truthy"), error=ValueError(2))
attempt(Manager("a"), Manager("b", enter=KeyError("enter")))
attempt(Manager("a", leave=OSError("leave")), error=ValueError(3))
attempt(Manager("a", result=True), Manager("b", leave=OSError("replaced")), error=ValueError(4))
