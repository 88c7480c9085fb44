# classmethod and staticmethod through classes, instances and subclasses.
class Shape:
    sides = 0

    def __init__(self, label="none"):
        self.label = label

    @classmethod
    def create(cls, label):
        return cls(label)

    @classmethod
    def count(cls):
        return cls.sides

    @staticmethod
    def area(w, h):
        return w * h


class Square(Shape):
    sides = 4


s = Square.create("sq")
print(type(s).__name__, s.label, s.count(), Shape.count(), Square.count())
print(Shape.area(2, 3), s.area(4, 5))
print(Shape.__dict__["area"].__func__(1, 1), type(Shape.__dict__["create"]).__name__)
print(Square.create.__self__ is Square, s.create.__func__ is Shape.create.__func__)
try:
    Square.create()
except TypeError as e:
    print(e)
method = s.count
print(method(), method.__name__, method.__self__ is Square)
