# A shift whose result cannot fit in memory is refused, shifts of zero are not.
big = 10**10 * 100_000_000_0


def attempt(title, action):
    try:
        result = action()
        print(title, result if result < 10 else "done")
    except (MemoryError, OverflowError) as e:
        print(title, type(e).__name__)


attempt("1 << 10**19", lambda: 1 << big)
attempt("1 << 2**64", lambda: 1 << 2**64)
attempt("0 << 2**64", lambda: 0 << 2**64)
attempt("1 >> 2**64", lambda: 1 >> 2**64)
attempt("-1 >> 2**64", lambda: -1 >> 2**64)
try:
    1 << -1
except ValueError as e:
    print(type(e).__name__, e)
print("a fine shift", (1 << 1000).bit_length())
