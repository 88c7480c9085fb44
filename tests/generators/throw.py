# throw() raises at the paused yield, which may handle it.
def patient():
    n = 0
    while True:
        try:
            yield n
            n += 1
        except ValueError as e:
            print("handled", e)
            n = 100
        finally:
            print("finally", n)


g = patient()
print(next(g), next(g))
print(g.throw(ValueError("reset")))
print(next(g))
try:
    g.throw(KeyError("out"))
except KeyError as e:
    print("came out", repr(e))
print(next(g, "dead"))
g = patient()
try:
    g.throw(ValueError("before the start"))
except ValueError as e:
    print(e)
try:
    g.throw(OSError)
except OSError as e:
    print(repr(e))
g = patient()
next(g)
try:
    g.throw(5)
except TypeError as e:
    print(e)
