# Async generators and async comprehensions.
class Pause:
    def __await__(self):
        yield "pause"


async def numbers(n):
    try:
        for i in range(n):
            await Pause()
            got = yield i
            if got:
                print("got", got)
    finally:
        print("closing")


async def main():
    print([i async for i in numbers(3)])
    print({i: i * i async for i in numbers(4) if i % 2})
    g = numbers(5)
    print(await g.__anext__(), await g.asend("hello"))
    await g.aclose()
    print(await anext(g, "default"))
    try:
        async for i in numbers(3):
            if i == 1:
                raise KeyError(i)
    except KeyError as e:
        print("raised", e)
    total = sum([await double(i) for i in range(4)])
    return total


async def double(i):
    await Pause()
    return i * 2


pauses = 0
coroutine = main()
try:
    while True:
        coroutine.send(None)
        pauses += 1
except StopIteration as e:
    print("result", e.value, "pauses", pauses)
print(type(numbers(1)).__name__)
