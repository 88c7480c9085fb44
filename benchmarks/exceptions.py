# Raising and catching: near, through frames, by class, with finally, and exceptions that end iteration.


class Refused(Exception):
    def __init__(self, code):
        self.code = code


def risky(i):
    if i % 3 == 0:
        raise ValueError(i)
    if i % 5 == 0:
        raise Refused(i)
    return i


def through(i):
    try:
        return risky(i)
    finally:
        counts["finally"] += 1


counts = {"ok": 0, "value": 0, "refused": 0, "finally": 0, "key": 0, "stop": 0}
table = {1: "a"}
for i in range(1_300_000):
    try:
        counts["ok"] += through(i) & 1
    except ValueError as e:
        counts["value"] += e.args[0] & 1
    except Refused as e:
        counts["refused"] += e.code & 1
    try:
        table[i & 7]
    except KeyError:
        counts["key"] += 1
for i in range(400_000):
    iterator = iter((1, 2))
    try:
        while True:
            next(iterator)
    except StopIteration:
        counts["stop"] += 1
print(counts)
