# C3 linearisation, cooperative super() and orders that do not exist.
class Base:
    def run(self):
        return ["Base"]


class A(Base):
    def run(self):
        return ["A"] + super().run()


class B(Base):
    def run(self):
        return ["B"] + super().run()


class C(A, B):
    def run(self):
        return ["C"] + super().run()


class D(B):
    pass


class E(C, D):
    pass


print(C().run(), [c.__name__ for c in C.mro()])
print(E().run(), [c.__name__ for c in E.__mro__])
for bases in ((Base, A), (A, A), (C, A, B), (A, C)):
    try:
        print(type("X", bases, {}).__mro__[1].__name__)
    except TypeError as e:
        print(e)
try:
    class F(E, int, str):
        pass
except TypeError as e:
    print(e)
try:
    class G(bool):
        pass
except TypeError as e:
    print(e)
