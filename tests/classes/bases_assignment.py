# Assigning __bases__, and metaclasses with an mro of their own.
class A:
    def who(self):
        return "A"


class B:
    def who(self):
        return "B"

    def __len__(self):
        return 7


class C(A):
    pass


class D(C):
    pass


def t(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


def assign(cls, bases):
    cls.__bases__ = bases
    return cls.__mro__


d = D()
print(d.who())
t(lambda: len(d))
t(lambda: assign(C, (B,)))
print(d.who(), len(d), D.__mro__, isinstance(d, A), issubclass(D, B))
print(A.__subclasses__(), B.__subclasses__(), C.__base__, C.__bases__)
t(lambda: assign(C, (A, B)))
print(d.who(), len(d), D.__mro__)
t(lambda: assign(C, (D,)))
t(lambda: assign(C, ()))
t(lambda: assign(C, 3))
t(lambda: assign(C, (3,)))
t(lambda: assign(C, (A, A)))
t(lambda: assign(C, (dict,)))
t(lambda: assign(int, (A,)))
t(lambda: delattr(C, "__bases__"))
t(lambda: assign(C, (bool,)))
print(C.__mro__, d.who())


class X(A):
    pass


class Y(A, B):
    pass


class Z(X):
    pass


t(lambda: assign(X, (Y,)))
print(Z.__mro__)


class Meta(type):
    def mro(cls):
        order = super().mro()
        print("mro of", cls.__name__)
        return [order[0], B] + order[1:] if B not in order else order


class M(metaclass=Meta):
    pass


class N(M):
    pass


print(M.__mro__, N.__mro__, M().who(), len(N()), M.__bases__)


class Bad(type):
    def mro(cls):
        return [cls, 3]


try:

    class E(metaclass=Bad):
        pass

except TypeError as e:
    print(e)
