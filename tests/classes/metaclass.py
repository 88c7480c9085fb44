# A metaclass sees class creation, instance creation and class attributes.
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw):
        print("prepare", name, kw)
        return {"injected": 1}

    def __new__(mcs, name, bases, namespace, **kw):
        print("new", name, sorted(k for k in namespace if not k.startswith("__")))
        return super().__new__(mcs, name, bases, dict(namespace))

    def __init__(cls, name, bases, namespace, **kw):
        print("init", cls.__name__)
        super().__init__(name, bases, namespace)

    def __call__(cls, *args):
        print("call", cls.__name__, args)
        return super().__call__(*args)

    def __len__(cls):
        return 42

    def __contains__(cls, item):
        return item == "x"

    def __iter__(cls):
        return iter("meta")

    @property
    def label(cls):
        return "label of " + cls.__name__


class A(metaclass=Meta, option=True):
    value = 5


class B(A):
    def __init__(self, n):
        self.n = n


b = B(3)
print(b.n, b.injected, B.value, len(A), "x" in B, list(B), A.label)
print(type(A) is Meta, isinstance(B, Meta), hasattr(b, "label"))


class Other(type):
    pass


try:
    class C(A, metaclass=Other):
        pass
except TypeError as e:
    print(e)
