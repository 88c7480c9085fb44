# async def, await, async with and async for, driven by hand.
class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        answer = yield self.value
        return answer


class Manager:
    async def __aenter__(self):
        print("enter", await Pause("entering"))
        return self

    async def __aexit__(self, kind, value, tb):
        print("exit", kind and kind.__name__, await Pause("leaving"))
        return kind is ValueError


class Steps:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        return await Pause(self.n)


async def add(a, b):
    return await Pause(a) + await Pause(b)


async def main():
    async with Manager():
        print("sum", await add(1, 2))
        raise ValueError("suppressed")
    async for step in Steps(2):
        print("step", step)
    return "done"


def run(coroutine):
    answer = None
    try:
        while True:
            answer = coroutine.send(answer)
            print("paused with", answer)
            answer = answer if isinstance(answer, str) else answer * 10
    except StopIteration as e:
        return e.value


print(run(main()))
c = add(1, 2)
print(type(c).__name__, c.__name__)
c.close()
try:
    c.send(None)
except RuntimeError as e:
    print(e)
for call in (lambda: run(wrong()), lambda: iter(add(1, 2).__await__()).throw(KeyError("thrown in"))):
    async def wrong():
        await 5

    try:
        call()
    except (TypeError, KeyError) as e:
        print(type(e).__name__, e)
