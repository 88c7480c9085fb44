# Decorators apply from the bottom up; they can take arguments and be classes.
def trace(function):
    def wrapper(*args, **kwargs):
        print("call", function.__name__, args, kwargs)
        result = function(*args, **kwargs)
        print("return", result)
        return result

    wrapper.__name__ = function.__name__
    wrapper.__wrapped__ = function
    return wrapper


def repeat(times):
    def decorate(function):
        def wrapper(*args):
            return [function(*args) for _ in range(times)]

        return wrapper

    return decorate


@trace
def add(a, b=1):
    return a + b


add(1)
add(1, b=5)
print(add.__name__, add.__wrapped__(2, 3))


@repeat(2)
@repeat(3)
def hello(name):
    return "hi " + name


print(hello("bo"))


class Count:
    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args):
        self.calls += 1
        return self.function(*args)


@Count
def square(n):
    return n * n


print(square(3), square(4), square.calls)


@lambda cls: cls.__name__
class Named:
    pass


print(Named)
