# Generators in a chain pass one item at a time, on demand.
def source(log):
    for n in range(1, 100):
        log.append(f"make {n}")
        yield n


def keep_odd(items, log):
    for n in items:
        if n % 2:
            log.append(f"keep {n}")
            yield n


def take(count, items):
    for _ in range(count):
        try:
            yield next(items)
        except StopIteration:
            return


log = []
pipeline = take(2, keep_odd(source(log), log))
print(log)
print(list(pipeline))
print(log)


def chunks(items, size):
    chunk = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


print(list(chunks(range(7), 3)), list(take(5, iter("ab"))))


def primes():
    def sieve(numbers, p):
        return (n for n in numbers if n % p)

    numbers = iter(range(2, 200))
    while (p := next(numbers, None)) is not None:
        yield p
        numbers = sieve(numbers, p)


print(list(take(15, primes())))
