# Every protocol writes the bytes CPython writes.
import collections
import fractions
import hashlib
import io
import pickle


class Point:
    def __init__(self):
        self.x = 1
        self.y = [1, 2]


class Slots:
    __slots__ = ("a", "b")


class Stack(list):
    pass


point, slots, stack = Point(), Slots(), Stack([1, 2])
slots.a, slots.b, stack.attr = 1, "q", 3
inside = []
inside.append(inside)
around = ([],)
around[0].append(around)
values = {
    "atoms": [None, True, False, ..., NotImplemented, 1.5, float("inf"), 1j],
    "ints": [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**100, -(2**100)],
    "long": 10**400,
    "texts": ["", "abc", "\xe9\ud800\U0001f600\n\\"],
    "bytes": [b"", b"abc", b"\xff" * 300, bytearray(b"x"), bytearray()],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "lists": [[], [1], list(range(1001)), list(range(2500))],
    "dicts": [{}, {1: 2}, {i: str(i) for i in range(2003)}],
    "sets": [set(), {1}, frozenset(), frozenset([1])],
    "slots": slots,
    "objects": [point, stack, ValueError("x"), fractions.Fraction(1, 3), range(10)],
    "containers": [collections.OrderedDict(a=1), collections.deque([1, 2]), collections.Counter("abca")],
    "globals": [int, len, Point, Point.__init__, [].append, point.__init__, type(None), dict.fromkeys],
    "large": ["x" * 70000, b"y" * 70000, bytearray(b"z" * 70000)],
    "frames": ["ab" * 1000 + str(i) for i in range(200)],
    "inside itself": inside,
    "around itself": around,
}
for protocol in range(6):
    for name, value in values.items():
        if name == "slots" and protocol < 2:
            continue
        if name in ("containers", "globals") and protocol >= 4:
            # Which names are one object is the implementation's business.
            assert pickle.loads(pickle.dumps(value, protocol)) == value or name == "globals"
            continue
        data = pickle.dumps(value, protocol)
        stream = io.BytesIO()
        pickle.Pickler(stream, protocol).dump(value)
        again = pickle.loads(data)
        assert pickle.dumps(again, protocol) is not None
        print(protocol, name, len(data), hashlib.md5(data).hexdigest(), stream.getvalue() == data)
        if name in ("ints", "long", "texts", "bytes", "tuples", "lists", "dicts", "sets", "large", "frames"):
            assert again == value and pickle.loads(stream.getvalue()) == value
