# Subclasses of list, dict, str, int keep their data and their own behaviour.
class Stack(list):
    def push(self, x):
        self.append(x)
        return self


class Default(dict):
    def __missing__(self, key):
        self[key] = value = len(self)
        return value


class Text(str):
    def shout(self):
        return self.upper() + "!"


class Mod7(int):
    def __add__(self, other):
        return Mod7(int(self) + int(other) % 7)

    def __repr__(self):
        return f"Mod7({int(self)})"


s = Stack([1]).push(2).push(3)
print(s, len(s), s.pop(), s + [9], type(s + []).__name__, s == [1, 2])
d = Default()
print(d["a"], d["b"], d["a"], d, d.get("zzz"), isinstance(d, dict))
t = Text("hey")
print(t.shout(), t + "x", type(t + "x").__name__, {t: 1}["hey"], t == "hey", len(t))
print(Mod7(5) + 9, Mod7(3) * 2, type(Mod7(3) * 2).__name__, [1, 2, 3][Mod7(1)])
s.note = "attributes too"
print(s.note, s[:1], type(s[:1]).__name__)
