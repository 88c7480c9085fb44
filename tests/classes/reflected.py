# A subclass on the right has the first word; NotImplemented passes the question on.
class Base:
    def __add__(self, other):
        return "Base.add"

    def __radd__(self, other):
        return "Base.radd"


class Derived(Base):
    def __radd__(self, other):
        return "Derived.radd"


class Silent(Base):
    pass


print(Base() + Base(), Base() + Derived(), Base() + Silent(), 1 + Base(), Derived() + Base())


class Asks:
    def __eq__(self, other):
        print("eq", end=" ")
        return NotImplemented

    def __lt__(self, other):
        print("lt", end=" ")
        return NotImplemented

    def __gt__(self, other):
        print("gt", end=" ")
        return "gt answered"


a, b = Asks(), Asks()
print(a == b, a == a, a != b)
print(a < b)
try:
    a <= b
except TypeError as e:
    print(e)
print((1).__add__("x"), "x".__mul__(2), (1).__eq__("1"), [].__eq__(()))
