# The payload of a caught exception dies at the end of its except block.
class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  del", self.name)


class Carrier(Exception):
    pass


try:
    raise Carrier(Noisy("payload"))
except Carrier as e:
    print("handling", e.args[0].name)
print("after the handler")

try:
    try:
        raise Carrier(Noisy("inner"))
    except Carrier:
        raise KeyError(Noisy("outer"))
except KeyError as e:
    print("context", type(e.__context__).__name__)
print("both gone")

kept = None
try:
    raise Carrier(Noisy("kept"))
except Carrier as e:
    kept = e
print("still alive through a name")
kept.__traceback__ = None
del kept
print("end")
