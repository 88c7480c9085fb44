# Special methods that share a slot with others: overriding one of them in a class derived from a built-in type.
class D(dict):
    def __setitem__(self, k, v):
        print("set", k)
        super().__setitem__(k, v)


class E(dict):
    def __delitem__(self, k):
        print("del", k)
        super().__delitem__(k)


class L(list):
    def __setitem__(self, k, v):
        print("list set", k)


d = D()
d["a"] = 1
d.update(b=2)
del d["a"]
print(d)
exec("c = 1", {}, d)
e = E()
e["a"] = 1
del e["a"]
print(e)
x = L([1, 2])
x[0] = 5
del x[1]
print(x)


class I(int):
    def __neg__(self):
        return "neg"


class J(int):
    def __invert__(self):
        return "inv"


print(-I(1), +I(1), ~I(1), abs(I(-1)), -J(1), ~J(1))


class P(property):
    def __set__(self, obj, value):
        print("P set", value)


class C:
    p = P(lambda self: 1)


c = C()
c.p = 3
try:
    del c.p
except AttributeError as err:
    print(type(err).__name__)


class Names(dict):
    def __setitem__(self, k, v):
        if not k.startswith("__"):
            print("name", k)
        super().__setitem__(k, v)


class Meta(type):
    @classmethod
    def __prepare__(cls, *args):
        return Names()


class K(metaclass=Meta):
    a = 1

    def f(self):
        pass


class AllNames(dict):
    def __setitem__(self, k, v):
        print("set", k)
        super().__setitem__(k, v)


class AllMeta(type):
    @classmethod
    def __prepare__(meta, name, bases):
        return AllNames()


class Body(metaclass=AllMeta):
    first = 1
    second = 2


exec("y = 2\ndel y", {}, AllNames())


class OnlyDelete(list):
    def __delitem__(self, i):
        print("del", i)


x = OnlyDelete([1, 2])
x[0] = 5
del x[1]
print(x)


class F(float):
    def __abs__(self):
        return "size"


print(abs(F(-2)), -F(2))


# A slot may have the name of an attribute that a class gets by itself.
class Documented:
    __slots__ = ("__doc__", "x")


print(type(Documented.__doc__).__name__)
z = Documented()
z.__doc__ = "own"
print(z.__doc__)
