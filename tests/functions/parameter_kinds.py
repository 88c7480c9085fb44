# Every kind of parameter in one signature, called in many ways.
def f(a, b=2, /, c=3, *args, d, e=5, **kwargs):
    return a, b, c, args, d, e, kwargs


print(f(1, d=4))
print(f(1, 20, d=4))
print(f(1, 20, 30, 40, 50, d=4))
print(f(1, c=30, d=4, x=7))
print(f(1, d=4, a=8, b=9))
print(f(*[1, 2], *[3, 4], **{"d": 4}, **{"z": 0}))
print(f(1, *(), d=4, **{}))


def nothing():
    return None


def only_keywords(*, x, y=1):
    return x, y


def only_positional(x, y=1, /):
    return x, y


print(nothing(), only_keywords(x=0), only_keywords(y=2, x=1), only_positional(1), only_positional(1, 2))
