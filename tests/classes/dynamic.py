# Classes made with type(), changed while instances live, and instances that change class.
Point = type("Point", (object,), {"x": 0, "show": lambda self: f"{type(self).__name__}({self.x})"})
p = Point()
print(p.show(), Point.__name__, Point.__module__)
Point.show = lambda self: "patched"
print(p.show())
del Point.show
print(hasattr(p, "show"))


class A:
    def who(self):
        return "A"


class B:
    def who(self):
        return "B"


a = A()
a.__class__ = B
print(a.who(), type(a).__name__)
try:
    a.__class__ = int
except TypeError as e:
    print(e)
p.show = lambda: "instance function, no self"
print(p.show(), vars(p).keys())
setattr(Point, "y", 7)
print(p.y, "y" in dir(p), Point.__subclasses__())
class Sub(Point): pass
print([c.__name__ for c in Point.__subclasses__()])
try:
    int.new_attribute = 1
except TypeError as e:
    print(e)
Point.__name__ = "Renamed"
print(type(p).__name__, Point)
