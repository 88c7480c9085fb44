# Values of one thread.
import _thread


class Dies:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("dies", self.name)


def run(f):
    _thread.start_joinable_thread(f).join()


local = _thread._local()
local.x = "main"


def other():
    print(hasattr(local, "x"), local.__dict__)
    local.x = Dies("in thread")
    print(sorted(local.__dict__))


run(other)
print(local.x, local.__dict__)
del local.x
for f in (lambda: local.x, lambda: delattr(local, "x"), lambda: setattr(local, "__dict__", {})):
    try:
        f()
    except AttributeError as e:
        print(e)
try:
    _thread._local(1)
except TypeError as e:
    print(e)


class Mine(_thread._local):
    kind = "class"
    __slots__ = ("slot",)

    def __init__(self, a, *, b):
        print("init", a, b)
        self.a = a
        self.count = 0

    def bump(self):
        self.count += 1
        return self.count

    @property
    def twice(self):
        return self.count * 2


m = Mine(1, b=2)
m.slot = "shared"
print(m.bump(), m.bump(), m.twice)


def use():
    print(m.slot, m.kind, m.a, m.bump(), m.twice)


run(use)
print(m.count)
del m
