# Impossible sizes raise MemoryError or OverflowError and the program goes on.
def attempt(title, action):
    try:
        action()
        print(title, "done")
    except (MemoryError, OverflowError) as e:
        print(title, type(e).__name__, e)


attempt("[0] * 10**18", lambda: [0] * 10**18)
attempt("(0,) * 10**18", lambda: (0,) * 10**18)
attempt("bytes(10**18)", lambda: bytes(10**18))
attempt("bytearray(10**18)", lambda: bytearray(10**18))
attempt("'a' * 10**18", lambda: "a" * 10**18)
attempt("'a' * 2**63", lambda: "a" * 2**63)
attempt("[0] * 2**63", lambda: [0] * 2**63)
attempt("bytes(2**63)", lambda: bytes(2**63))
attempt("range(10**30)", lambda: len(range(10**30)))
attempt("'%*d'", lambda: "%*d" % (2**31 * 2**33, 1))
attempt("small", lambda: [0] * 10)
rest = ["still", "running"]
print(*rest)
