# Strings and bytes are registered as sequences, but no sequence pattern matches them.
import collections.abc


class Mine:
    def __len__(self):
        return 1

    def __getitem__(self, i):
        if i:
            raise IndexError
        return "item"


def kind(x):
    match x:
        case [a, *rest]:
            return "sequence", a, rest
        case {}:
            return "mapping"
        case _:
            return "other"


print(kind("s"), kind(b"s"), kind(bytearray(b"s")), kind(Mine()))
collections.abc.Sequence.register(Mine)
print(kind(Mine()), kind([1]), kind((1,)), kind(range(2)), kind({}), kind("s"))
