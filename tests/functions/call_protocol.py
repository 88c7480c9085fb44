# What can be called, and how: partial application, __call__ chains, methods taken from classes.
class Partial:
    def __init__(self, function, *args, **kwargs):
        self.function, self.args, self.kwargs = function, args, kwargs

    def __call__(self, *args, **kwargs):
        return self.function(*self.args, *args, **{**self.kwargs, **kwargs})


def show(*args, **kwargs):
    return args, kwargs


p = Partial(show, 1, x=1)
print(p(2, y=2), p(x=5), Partial(p, 3)(4))
print(str.upper("abc"), list.append.__name__, "a-b".split.__call__("-"), int.__add__(1, 2), [].__len__())
print(list(map(str.strip, [" a ", "b "])), (show.__call__)(1), show.__get__(5)(6))


class M:
    def method(self, x):
        return x

    def __getattr__(self, name):
        return lambda *a: (name, a)


m = M()
f = m.method
print(f(3), M.method(m, 4), f.__self__ is m, f.__func__ is M.method, m.anything(1, 2), f == m.method, f is m.method)
m.own = show
print(m.own(1), type(m.own).__name__, type(M.method).__name__, type(m.method).__name__)
for call in (lambda: M.method(1), lambda: str.upper(5), lambda: list.append({}, 1), lambda: int.__add__("a", 1), lambda: str.upper()):
    try:
        print(call())
    except TypeError as e:
        print(e)
