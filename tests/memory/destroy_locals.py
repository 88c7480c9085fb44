# Locals die at return, last name first; arguments of a call die when the callee is done.
class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  del", self.name)


def locals_die():
    a = Noisy("a")
    b = Noisy("b")
    c = Noisy("c")
    print("  body", a.name, b.name, c.name)


print("locals")
locals_die()


def early():
    keep = Noisy("kept")
    gone = Noisy("gone")
    del gone
    print("  still here", keep.name)
    return keep


print("returned")
kept = early()
print("dropped")
del kept


def raises():
    local = Noisy("local of a raising frame")
    raise ValueError(local.name)


print("raising")
try:
    raises()
except ValueError as e:
    print("  caught:", e)
print("handler left")
