# sys.unraisablehook sees what finalizers raise, sys.excepthook what nobody caught.
import sys


class Bad:
    def __del__(self):
        raise ValueError("in __del__")


def hook(info):
    print("unraisable", info.exc_type.__name__, info.exc_value, info.err_msg.split(" <")[0], info.object)


sys.unraisablehook = hook
b = Bad()
del b
Bad()
sys.unraisablehook = sys.__unraisablehook__


def last(kind, value, tb):
    print("excepthook", kind.__name__, value, tb.tb_lineno)


sys.excepthook = last
print("before")
raise KeyError("final")
