# __getattr__, __getattribute__, __setattr__ and __delattr__.
class Fallback:
    present = 1

    def __getattr__(self, name):
        if name.startswith("auto_"):
            return name[5:].upper()
        raise AttributeError(f"no {name} here")


f = Fallback()
print(f.present, f.auto_x, hasattr(f, "other"), getattr(f, "other", "default"))
try:
    f.other
except AttributeError as e:
    print(e)


class Watch:
    def __getattribute__(self, name):
        if not name.startswith("_"):
            print("get", name)
        return super().__getattribute__(name)

    def __setattr__(self, name, value):
        print("set", name, value)
        super().__setattr__(name, value)

    def __delattr__(self, name):
        print("del", name)
        super().__delattr__(name)


w = Watch()
w.a = 1
w.a += 1
print(w.a)
del w.a
try:
    w.a
except AttributeError as e:
    print(e)
try:
    del w.b
except AttributeError as e:
    print(e)
