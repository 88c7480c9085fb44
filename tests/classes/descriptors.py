# Data and non-data descriptors against instance attributes.
class Data:
    def __set_name__(self, owner, name):
        self.name = name
        print("named", owner.__name__, name)

    def __get__(self, instance, owner=None):
        if instance is None:
            return "class access"
        return instance.__dict__.get(self.name, "unset")

    def __set__(self, instance, value):
        print("set", self.name, value)
        instance.__dict__[self.name] = value

    def __delete__(self, instance):
        print("delete", self.name)
        instance.__dict__.pop(self.name)


class NonData:
    def __get__(self, instance, owner=None):
        return "computed"


class Owner:
    data = Data()
    cached = NonData()


o = Owner()
print(Owner.data, o.data, o.cached)
o.data = 1
o.cached = "own value"
print(o.data, o.cached, o.__dict__)
o.__dict__["data"] = 2
print("data descriptors win", o.data)
del o.data, o.cached
print(o.data, o.cached)
Owner.data = "replaced"
print(Owner.data, o.data)
