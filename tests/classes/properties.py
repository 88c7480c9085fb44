# property: getter, setter, deleter, inheritance and its messages.
class Temperature:
    def __init__(self, celsius):
        self.celsius = celsius

    @property
    def celsius(self):
        "Degrees."
        return self._celsius

    @celsius.setter
    def celsius(self, value):
        if value < -273:
            raise ValueError("too cold")
        self._celsius = value

    @celsius.deleter
    def celsius(self):
        del self._celsius

    @property
    def fahrenheit(self):
        return self.celsius * 9 / 5 + 32


t = Temperature(100)
print(t.celsius, t.fahrenheit, Temperature.celsius.__doc__)
t.celsius = 20
print(t.fahrenheit)
for action in ("t.celsius = -300", "t.fahrenheit = 1", "del t.fahrenheit", "del t.celsius; t.celsius"):
    try:
        exec(action)
    except (ValueError, AttributeError) as e:
        print(type(e).__name__, e)


class Child(Temperature):
    @Temperature.celsius.getter
    def celsius(self):
        return f"{self._celsius} degrees"


print(Child(5).celsius, type(Child.celsius).__name__)
