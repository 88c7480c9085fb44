# Generators that feed generators, generator expressions, yield from, send.


def numbers(n):
    i = 0
    while i < n:
        yield i
        i += 1


def squares(source):
    for x in source:
        yield x * x


def odd(source):
    for x in source:
        if x & 1:
            yield x


def pairs(source):
    for x in source:
        yield from (x, x + 1)


def running_sum():
    total = 0
    while True:
        total += yield total


adder = running_sum()
next(adder)
result = 0
for value in pairs(odd(squares(numbers(2_400_000)))):
    result = adder.send(value & 0xFFFF)
total = sum(x % 10 for x in squares(numbers(3_000_000)))
print(result, total)
