# The tree of an uncaught exception group.
def fail(kind, text):
    raise kind(text)


def collect(*jobs):
    errors = []
    for kind, text in jobs:
        try:
            fail(kind, text)
        except Exception as e:
            errors.append(e)
    return errors


def run():
    inner = ExceptionGroup("inner", collect((TypeError, "t")))
    raise ExceptionGroup("several things failed", collect((ValueError, "v"), (KeyError, "k")) + [inner])


print("before")
run()
