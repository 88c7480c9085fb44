# Special methods that share a slot: a class may define one of them and inherit the other from a built-in class.


class D(dict):
    def __setitem__(self, key, value):
        print("set", key)
        super().__setitem__(key, value)


d = D()
d["a"] = 1
del d["a"]
print(d)


class E(dict):
    def __delitem__(self, key):
        print("delete", key)
        super().__delitem__(key)


e = E()
e["a"] = 1
del e["a"]
print(e)


class L(list):
    def __setitem__(self, key, value):
        print("set", key)
        super().__setitem__(key, value)


x = L([1, 2, 3])
x[0] = 9
del x[1]
print(x)


class I(int):
    def __neg__(self):
        return "minus"


print(-I(3), +I(3), abs(I(-3)), ~I(3))


class F(float):
    def __abs__(self):
        return "size"


print(abs(F(-2)), -F(2))


class P(property):
    def __set__(self, obj, value):
        print("write", value)


class C:
    p = P(lambda self: 1)


c = C()
c.p = 5
try:
    del c.p
except AttributeError as err:
    print(type(err).__name__)


class Meta(type):
    @classmethod
    def __prepare__(meta, name, bases):
        return D()


class Body(metaclass=Meta):
    first = 1
    second = 2


class Documented:
    __slots__ = ("__doc__", "x")


print(type(Documented.__doc__).__name__)
z = Documented()
z.__doc__ = "own"
print(z.__doc__)
