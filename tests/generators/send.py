# send() gives a value to the paused yield.
def averager():
    total, count, mean = 0, 0, None
    while True:
        value = yield mean
        if value is None:
            return total
        total += value
        count += 1
        mean = total / count


g = averager()
print(next(g))
for value in (10, 20, 60):
    print(g.send(value))
try:
    g.send(None)
except StopIteration as e:
    print("total", e.value)
g = averager()
try:
    g.send(1)
except TypeError as e:
    print(e)


def echo():
    received = []
    while len(received) < 3:
        received.append((yield len(received)))
    print(received)


e = echo()
print(e.send(None), e.send("a"), next(e))
print(next(e, "finished"))
