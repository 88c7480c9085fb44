# An exception while a dropped generator is closed does not reach the program.
import sys

reports = []


def hook(info):
    reports.append((info.exc_type.__name__, str(info.exc_value), info.err_msg.split(" <")[0]))


sys.unraisablehook = hook


def stubborn():
    try:
        yield 1
    finally:
        raise ValueError("cleanup failed")


def refuses():
    try:
        yield 1
    except GeneratorExit:
        yield 2


for make in (stubborn, refuses):
    g = make()
    next(g)
    del g
    print(reports[-1])


class Bad:
    def __del__(self):
        raise KeyError(self.name)


b = Bad()
b.name = "b"
del b
print(reports[-1])
print(len(reports), "still running")
