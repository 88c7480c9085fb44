# A generator as a coroutine: a scheduler, a context manager and a state machine.
def task(name, count):
    for i in range(count):
        print(name, i)
        yield


queue = [task("a", 3), task("b", 1), task("c", 2)]
while queue:
    current = queue.pop(0)
    try:
        next(current)
        queue.append(current)
    except StopIteration:
        print("done")


class managed:
    def __init__(self, generator):
        self.generator = generator

    def __enter__(self):
        return next(self.generator)

    def __exit__(self, kind, value, tb):
        if kind is None:
            next(self.generator, None)
            return False
        try:
            self.generator.throw(value)
        except StopIteration:
            return True
        return False


def section(title):
    print("<", title)
    try:
        yield title.upper()
    except ValueError as e:
        print("swallowed", e)
    print(">", title)


with managed(section("one")) as text:
    print(text)
with managed(section("two")):
    raise ValueError("v")


def light():
    while True:
        for colour in ("green", "yellow", "red"):
            if (yield colour) == "off":
                return "dark"


l = light()
print(next(l), next(l), next(l), next(l))
try:
    l.send("off")
except StopIteration as e:
    print(e.value)
