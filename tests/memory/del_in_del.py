# Finalizers may create, drop and hold other objects.
class Child:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  child", self.name)


class Parent:
    def __init__(self, name):
        self.name = name
        self.child = Child(name + ".child")

    def __del__(self):
        print("parent", self.name)
        local = Child(self.name + ".local")
        del local
        self.child = Child(self.name + ".replacement")


p = Parent("p")
del p
print("list of parents")
family = [Parent("q"), Parent("r")]
family.clear()
print("end", family)
