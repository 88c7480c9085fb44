# __slots__: no instance dict, inheritance, defaults and messages.
class Point:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


class Point3(Point):
    __slots__ = ("z",)


class Open(Point):
    pass


p = Point(1, 2)
print(p.x, p.y, hasattr(p, "__dict__"), Point.__slots__)
for action in ("p.z = 3", "del p.x; p.x", "p.__dict__", "del p.x"):
    try:
        exec(action)
    except AttributeError as e:
        print(e)
q = Point3(1, 2)
q.z = 3
print(q.x, q.z, hasattr(q, "__dict__"))
o = Open(1, 2)
o.extra = 5
print(o.__dict__, o.x)
print(type(Point.x).__name__, Point.x.__name__)
try:
    type("Bad", (), {"__slots__": ("a",), "a": 1})
except ValueError as e:
    print(e)
try:
    type("Bad", (), {"__slots__": ("1x",)})
except TypeError as e:
    print(e)
