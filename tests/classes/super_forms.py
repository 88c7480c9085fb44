# super with and without arguments, in class methods, properties and nested functions.
class A:
    x = "A.x"

    def f(self):
        return "A.f"

    @classmethod
    def make(cls):
        return "A.make for " + cls.__name__

    @property
    def p(self):
        return "A.p"


class B(A):
    x = "B.x"

    def f(self):
        return "B.f > " + super(B, self).f()

    def g(self):
        return (lambda: super(B, self).x)()

    @classmethod
    def make(cls):
        return "B > " + super().make()

    @property
    def p(self):
        return "B > " + super().p


b = B()
print(b.f(), b.g(), B.make(), b.p)
print(super(B, b).f(), super(B, B).make())
try:
    super(B, b).missing
except AttributeError as e:
    print(e)
try:
    super(B, 1)
except TypeError as e:
    print(e)
try:
    super()
except RuntimeError as e:
    print(e)
print(super(B, b).__thisclass__.__name__, super(B, b).__self_class__.__name__)
