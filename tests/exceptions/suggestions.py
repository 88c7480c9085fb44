# Misspelt names are answered with a suggestion in the printed traceback.
class Person:
    def __init__(self):
        self.surname = "x"


counter = 0
try:
    Person().surnam
except AttributeError as e:
    print(e, e.name)
try:
    countr
except NameError as e:
    print(e, e.name)


def f():
    return counteer + 1


f()
