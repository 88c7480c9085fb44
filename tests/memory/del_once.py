# __del__ runs once in an object's life, even when it comes back.
saved = []


class Phoenix:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)
        saved.append(self)


bird = Phoenix("bird")
del bird
print("saved", len(saved), saved[0].name)
saved.pop()
print("gone for good, silently", len(saved))


class Explicit:
    calls = 0

    def __del__(self):
        Explicit.calls += 1


thing = Explicit()
thing.__del__()
print("an explicit call is an ordinary call", Explicit.calls)
del thing
print("the real one follows", Explicit.calls)
