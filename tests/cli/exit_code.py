# sys.exit with a number ends the program with that code, after finally and with clauses.
import sys


class Closing:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        print("closing", kind.__name__, value.code)


try:
    with Closing():
        sys.exit(3)
    print("never")
except Exception:
    print("SystemExit is not an Exception")
finally:
    print("finally")
