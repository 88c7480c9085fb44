# What a function knows about itself.
def documented(a, b: int = 2, *args, c, **kw) -> str:
    """Says what it does."""
    local = a
    return local


print(documented.__name__, documented.__qualname__, documented.__module__)
print(documented.__doc__)
print(documented.__annotations__)
code = documented.__code__
print(code.co_name, code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_nlocals)
print(code.co_varnames, code.co_firstlineno)
documented.extra = 1
print(documented.__dict__, hasattr(documented, "extra"))
try:
    documented.missing
except AttributeError as e:
    print(e)


def outer():
    class Inner:
        def method(self):
            return lambda: None

    return Inner


print(outer().method.__qualname__, outer()().method().__qualname__)
print((lambda: 0).__name__, type(documented).__name__, callable(documented))
documented.__name__ = "renamed"
print(documented.__name__)
