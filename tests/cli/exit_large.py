# Exit codes are taken modulo 256; other objects are printed.
import sys

try:
    raise SystemExit(256 + 42)
except SystemExit as e:
    print(e.code, repr(e))
    code = e.code


class Custom(SystemExit):
    def __init__(self):
        super().__init__(code)


raise Custom
