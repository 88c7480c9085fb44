# weakref.proxy acts as its object until it is gone.
import weakref


class Stack:
    def __init__(self):
        self.items = [1, 2]

    def push(self, x):
        self.items.append(x)

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def __call__(self, x):
        return f"called {x}"

    def __add__(self, other):
        return self.items + other

    def __str__(self):
        return "Stack"


s = Stack()
p = weakref.proxy(s)
p.push(3)
p.name = "set through the proxy"
print(len(p), p[0], p[-1], p.items, s.name, p(5), p + [9], str(p), list(p), 2 in p, bool(p))
print(type(p) is weakref.CallableProxyType, weakref.proxy(s) is p, p == s, isinstance(p, Stack))
print(type(p).__name__)
del p.name
print(hasattr(s, "name"))
try:
    hash(p)
except TypeError as e:
    print(e)
gone = weakref.proxy(s, lambda proxy: print("proxy callback"))
del s
for action in (
    lambda: p.items, lambda: len(p), lambda: p(1), lambda: str(p), lambda: p + [], lambda: bool(p),
):
    try:
        action()
    except ReferenceError as e:
        print(type(e).__name__, e)
