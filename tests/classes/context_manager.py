# The with statement calls __enter__ and __exit__ around its body.
class Resource:
    def __init__(self, name, suppress=False):
        self.name, self.suppress = name, suppress

    def __enter__(self):
        print("enter", self.name)
        return self.name.upper()

    def __exit__(self, kind, value, traceback):
        print("exit", self.name, kind and kind.__name__, value, traceback is not None)
        return self.suppress


with Resource("plain") as r:
    print("body", r)
with Resource("outer") as a, Resource("inner") as b:
    print("body", a, b)
with Resource("guard", suppress=True):
    raise ValueError("swallowed")
print("after")
try:
    with (Resource("one"), Resource("two", suppress=False)):
        raise KeyError("passed on")
except KeyError as e:
    print("caught", e)


def returns():
    with Resource("returning"):
        return "value"


print(returns())
for _ in range(2):
    with Resource("loop"):
        continue
for bad in (object(), 5):
    try:
        with bad:
            pass
    except TypeError as e:
        print(e)
