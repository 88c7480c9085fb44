# raise SystemExit without a code, or with None, is a success.
import sys

codes = []
for argument in ((), (None,), (0,), (7,), ("text",), ((1, 2),), (True,)):
    try:
        sys.exit(*argument)
    except SystemExit as e:
        codes.append((e.code, e.args))
print(codes)
print("output before the end", end="")
raise SystemExit
