# Methods, attributes and super() along a chain of classes.
class Animal:
    sound = "..."
    count = 0

    def __init__(self, name):
        self.name = name
        Animal.count += 1

    def speak(self):
        return f"{self.name} says {self.sound}"


class Dog(Animal):
    sound = "woof"

    def speak(self):
        return super().speak().upper()


class Puppy(Dog):
    def __init__(self, name, age):
        super().__init__(name)
        self.age = age

    def speak(self):
        return super().speak() + "!" * self.age


for animal in (Animal("cow"), Dog("rex"), Puppy("bit", 3)):
    print(animal.speak(), isinstance(animal, Dog), type(animal).__name__)
print(Animal.count, Puppy.count, Puppy.__bases__, issubclass(Puppy, Animal))
print([c.__name__ for c in Puppy.__mro__])
p = Puppy("x", 1)
p.sound = "own"
print(p.sound, Puppy.sound, p.__dict__)
del p.sound
print(p.sound)
try:
    p.bark
except AttributeError as e:
    print(e)
try:
    Puppy.bark
except AttributeError as e:
    print(e)
