async def f(x):
    await x
def g():
    y = yield 1
