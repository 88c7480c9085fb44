# Lists and tuples drop elements last to first; dicts, attributes and slots first to last.
class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  del", self.name)


def three():
    return Noisy("a"), Noisy("b"), Noisy("c")


print("list")
values = list(three())
del values
print("tuple")
values = three()
del values
print("dict")
values = dict(zip("xyz", three()))
del values
print("instance attributes")


class Box:
    pass


box = Box()
box.first, box.second, box.third = three()
del box
print("slots")


class Slotted:
    __slots__ = ("p", "q", "r")


slotted = Slotted()
slotted.r, slotted.q, slotted.p = three()
del slotted
print("slice deleted")
values = list(three())
del values[0:2]
print("rest")
values.clear()
