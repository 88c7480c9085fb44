# A traceback runs through generators, comprehensions, lambdas and classes.
def numbers():
    yield 1
    yield int("two")


def consume():
    return [n * 2 for n in numbers()]


apply = lambda function: function()


class Body:
    print("class body")
    value = apply(consume)
