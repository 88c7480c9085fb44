# Defaults are evaluated once, at definition, and are attributes of the function.
def log(x):
    print("evaluated", x)
    return x


def f(a=log(1), *, b=log(2)):
    return a, b


print("called")
print(f(), f(3), f(b=4))
print(f.__defaults__, f.__kwdefaults__)
f.__defaults__ = (10,)
f.__kwdefaults__ = {"b": 20}
print(f())


def remember(item, seen=[]):
    seen.append(item)
    return seen


print(remember(1), remember(2), remember(3, []))
funcs = [lambda i=i: i for i in range(3)]
print([g() for g in funcs])
late = [lambda: i for i in range(3)]
print([g() for g in late])
