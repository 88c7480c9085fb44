"""functools - Tools for working with functions and callable objects"""

__all__ = [
    "update_wrapper", "wraps", "WRAPPER_ASSIGNMENTS", "WRAPPER_UPDATES", "total_ordering", "cache", "cmp_to_key",
    "lru_cache", "reduce", "partial", "partialmethod", "singledispatch", "singledispatchmethod", "cached_property",
    "Placeholder",
]

from _functools import Placeholder, _lru_cache_wrapper, cmp_to_key, partial, reduce
from collections import namedtuple as _namedtuple

_GenericAlias = type(list[int])
_UnionType = type(int | str)
_MappingProxyType = type(type.__dict__)

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__", "__annotate__", "__type_params__")
WRAPPER_UPDATES = ("__dict__",)

_absent = object()


def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    """Make a wrapper function look like the function it wraps."""
    for name in assigned:
        value = getattr(wrapped, name, _absent)
        if value is not _absent:
            setattr(wrapper, name, value)
    for name in updated:
        getattr(wrapper, name).update(getattr(wrapped, name, {}))
    # Last, so that a __wrapped__ copied with __dict__ does not stay.
    wrapper.__wrapped__ = wrapped
    return wrapper


def wraps(wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    """Decorator factory to apply update_wrapper() to a wrapper function."""
    return partial(update_wrapper, wrapped=wrapped, assigned=assigned, updated=updated)


# ---- total_ordering: each operation in terms of one that the class defines

def _negated(name):
    def method(self, other):
        result = getattr(type(self), name)(self, other)
        return result if result is NotImplemented else not result
    return method


def _or_equal(name):
    def method(self, other):
        result = getattr(type(self), name)(self, other)
        return result if result is NotImplemented else result or self == other
    return method


def _and_unequal(name):
    def method(self, other):
        result = getattr(type(self), name)(self, other)
        return result if result is NotImplemented else result and self != other
    return method


def _not_and_unequal(name):
    def method(self, other):
        result = getattr(type(self), name)(self, other)
        return result if result is NotImplemented else not result and self != other
    return method


def _not_or_equal(name):
    def method(self, other):
        result = getattr(type(self), name)(self, other)
        return result if result is NotImplemented else not result or self == other
    return method


_DERIVED = {
    "__lt__": {"__gt__": _not_and_unequal, "__le__": _or_equal, "__ge__": _negated},
    "__le__": {"__ge__": _not_or_equal, "__lt__": _and_unequal, "__gt__": _negated},
    "__gt__": {"__lt__": _not_and_unequal, "__ge__": _or_equal, "__le__": _negated},
    "__ge__": {"__le__": _not_or_equal, "__gt__": _and_unequal, "__lt__": _negated},
}


def total_ordering(cls):
    """Class decorator that fills in missing ordering methods"""
    roots = [n for n in _DERIVED if getattr(cls, n, None) is not getattr(object, n, None)]
    if not roots:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    root = max(roots)
    for name, make in _DERIVED[root].items():
        if name not in roots:
            method = make(root)
            method.__name__ = name
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            method.__doc__ = f"Return {name} computed from {root}."
            setattr(cls, name, method)
    return cls


# ---- partialmethod

class partialmethod:
    """Method descriptor with partial application of the given arguments and keywords."""

    __slots__ = ("func", "args", "keywords", "__dict__", "__weakref__")

    def __init__(self, func, /, *args, **keywords):
        if isinstance(func, partialmethod):
            joined = partial(func.func, *func.args, **func.keywords)
            joined = partial(joined, *args, **keywords)
            func, args, keywords = joined.func, joined.args, joined.keywords
        elif not callable(func) and getattr(func, "__get__", None) is None:
            raise TypeError(f"the first argument {func!r} must be a callable or a descriptor")
        elif args and args[-1] is Placeholder:
            raise TypeError("trailing Placeholders are not allowed")
        self.func = func
        self.args = args
        self.keywords = keywords

    def __repr__(self):
        cls = type(self)
        parts = [repr(self.func), *map(repr, self.args), *(f"{k}={v!r}" for k, v in self.keywords.items())]
        return f"{cls.__module__}.{cls.__qualname__}({', '.join(parts)})"

    def _method(self):
        def _method(receiver, /, *args, **keywords):
            args = iter(args)
            bound = [next(args, Placeholder) if a is Placeholder else a for a in self.args]
            return self.func(receiver, *bound, *args, **{**self.keywords, **keywords})
        _method.__isabstractmethod__ = self.__isabstractmethod__
        _method.__partialmethod__ = self
        return _method

    def __get__(self, obj, cls=None):
        get = getattr(self.func, "__get__", None)
        if get is not None:
            bound = get(obj, cls)
            if bound is not self.func:
                result = partial(bound, *self.args, **self.keywords)
                try:
                    result.__self__ = bound.__self__
                except AttributeError:
                    pass
                return result
        return self._method().__get__(obj, cls)

    @property
    def __isabstractmethod__(self):
        return getattr(self.func, "__isabstractmethod__", False)

    __class_getitem__ = classmethod(_GenericAlias)


# ---- caches

_CacheInfo = _namedtuple("CacheInfo", ["hits", "misses", "maxsize", "currsize"])


def lru_cache(maxsize=128, typed=False):
    """Least-recently-used cache decorator."""
    if isinstance(maxsize, int):
        maxsize = max(maxsize, 0)
    elif callable(maxsize) and isinstance(typed, bool):
        return lru_cache(128, typed)(maxsize)
    elif maxsize is not None:
        raise TypeError("Expected first argument to be an integer, a callable, or None")

    def decorate(user_function):
        wrapper = _lru_cache_wrapper(user_function, maxsize, typed, _CacheInfo)
        wrapper.cache_parameters = lambda: {"maxsize": maxsize, "typed": typed}
        return update_wrapper(wrapper, user_function)

    return decorate


def cache(user_function, /):
    'Simple lightweight unbounded cache.  Sometimes called "memoize".'
    return lru_cache(maxsize=None)(user_function)


class cached_property:
    """A property computed once per instance and then kept in its __dict__."""

    def __init__(self, func):
        self.func = func
        self.attrname = None
        self.__doc__ = func.__doc__
        self.__module__ = func.__module__

    def __set_name__(self, owner, name):
        if self.attrname is None:
            self.attrname = name
        elif name != self.attrname:
            raise TypeError(
                "Cannot assign the same cached_property to two different names "
                f"({self.attrname!r} and {name!r})."
            )

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        if self.attrname is None:
            raise TypeError("Cannot use cached_property instance without calling __set_name__ on it.")
        try:
            stored = instance.__dict__
        except AttributeError:
            raise TypeError(
                f"No '__dict__' attribute on {type(instance).__name__!r} "
                f"instance to cache {self.attrname!r} property."
            ) from None
        value = stored.get(self.attrname, _absent)
        if value is _absent:
            value = self.func(instance)
            try:
                stored[self.attrname] = value
            except TypeError:
                raise TypeError(
                    f"The '__dict__' attribute on {type(instance).__name__!r} instance "
                    f"does not support item assignment for caching {self.attrname!r} property."
                ) from None
        return value

    __class_getitem__ = classmethod(_GenericAlias)


# ---- single dispatch

def _merged(sequences):
    """C3: one order that keeps the order of each sequence."""
    result = []
    sequences = [list(s) for s in sequences if s]
    while sequences:
        for s in sequences:
            candidate = s[0]
            if not any(candidate in other[1:] for other in sequences):
                break
        else:
            raise RuntimeError("Inconsistent hierarchy")
        result.append(candidate)
        for s in sequences:
            if s[0] is candidate:
                del s[0]
        sequences = [s for s in sequences if s]
    return result


def _c3_order(cls, abcs):
    """The order of cls with those of the abstract classes it is a virtual subclass of."""
    for i, base in enumerate(reversed(cls.__bases__)):
        if hasattr(base, "__abstractmethods__"):
            boundary = len(cls.__bases__) - i
            break
    else:
        boundary = 0
    explicit = list(cls.__bases__[:boundary])
    other = list(cls.__bases__[boundary:])
    added = []
    for base in abcs:
        if issubclass(cls, base) and not any(issubclass(b, base) for b in cls.__bases__):
            added.append(base)
    rest = [a for a in abcs if a not in added]
    orders = [_c3_order(base, rest) for base in explicit + added + other]
    return _merged([[cls]] + orders + [explicit] + [added] + [other])


def _dispatch_order(cls, types):
    own = set(cls.__mro__)
    related = [
        t for t in types
        if t not in own and hasattr(t, "__mro__") and not isinstance(t, _GenericAlias) and issubclass(cls, t)
    ]
    related = [t for t in related if not any(t is not o and t in o.__mro__ for o in related)]
    known = set(types)
    abcs = []
    for t in related:
        found = [
            [s for s in sub.__mro__ if s in known]
            for sub in t.__subclasses__()
            if sub not in own and issubclass(cls, sub)
        ]
        if not found:
            abcs.append(t)
            continue
        found.sort(key=len, reverse=True)
        for sub in found:
            for s in sub:
                if s not in abcs:
                    abcs.append(s)
    return _c3_order(cls, abcs)


def _find_implementation(cls, registry):
    match = None
    for t in _dispatch_order(cls, registry.keys()):
        if match is not None:
            # Two unrelated abstract classes, neither named by the class: no choice.
            if (t in registry and t not in cls.__mro__ and match not in cls.__mro__
                    and not issubclass(match, t)):
                raise RuntimeError(f"Ambiguous dispatch: {match} or {t}")
            break
        if t in registry:
            match = t
    return registry.get(match)


def singledispatch(func):
    """Single-dispatch generic function decorator."""
    registry = {}
    found = {}
    cache_token = None

    def dispatch(cls):
        """The implementation for the class, or for the nearest of its bases."""
        nonlocal cache_token
        if cache_token is not None:
            from abc import get_cache_token
            token = get_cache_token()
            if token != cache_token:
                found.clear()
                cache_token = token
        try:
            return found[cls]
        except KeyError:
            pass
        try:
            implementation = registry[cls]
        except KeyError:
            implementation = _find_implementation(cls, registry)
        found[cls] = implementation
        return implementation

    def is_valid(cls):
        if isinstance(cls, type) and not isinstance(cls, _GenericAlias):
            return True
        return isinstance(cls, _UnionType) and all(isinstance(a, type) for a in cls.__args__)

    def register(cls, func=None):
        """Registers an implementation for a class; also a decorator."""
        nonlocal cache_token
        if is_valid(cls):
            if func is None:
                return lambda f: register(cls, f)
        else:
            if func is not None:
                raise TypeError(f"Invalid first argument to `register()`. {cls!r} is not a class or union type.")
            annotations = getattr(cls, "__annotations__", {})
            if not annotations:
                raise TypeError(
                    f"Invalid first argument to `register()`: {cls!r}. "
                    "Use either `@register(some_class)` or plain `@register` on an annotated function."
                )
            func = cls
            name, cls = next((n, a) for n, a in annotations.items() if n != "return")
            if not is_valid(cls):
                if isinstance(cls, _UnionType):
                    raise TypeError(f"Invalid annotation for {name!r}. {cls!r} not all arguments are classes.")
                raise TypeError(f"Invalid annotation for {name!r}. {cls!r} is not a class.")
        for c in (cls.__args__ if isinstance(cls, _UnionType) else (cls,)):
            registry[c] = func
            if cache_token is None and hasattr(c, "__abstractmethods__"):
                from abc import get_cache_token
                cache_token = get_cache_token()
        found.clear()
        return func

    def wrapper(*args, **kw):
        if not args:
            raise TypeError(f"{name} requires at least 1 positional argument")
        return dispatch(args[0].__class__)(*args, **kw)

    name = getattr(func, "__name__", "singledispatch function")
    registry[object] = func
    wrapper.register = register
    wrapper.dispatch = dispatch
    wrapper.registry = _MappingProxyType(registry)
    wrapper._clear_cache = found.clear
    update_wrapper(wrapper, func)
    return wrapper


class singledispatchmethod:
    """Single-dispatch generic method descriptor."""

    def __init__(self, func):
        if not callable(func) and not hasattr(func, "__get__"):
            raise TypeError(f"{func!r} is not callable or a descriptor")
        self.dispatcher = singledispatch(func)
        self.func = func

    def register(self, cls, method=None):
        """Registers an implementation for a class; also a decorator."""
        return self.dispatcher.register(cls, func=method)

    def __get__(self, obj, cls=None):
        dispatch = self.dispatcher.dispatch
        name = getattr(self.func, "__name__", "singledispatchmethod method")

        def _method(*args, **kwargs):
            if not args:
                raise TypeError(f"{name} requires at least 1 positional argument")
            method = dispatch(args[0].__class__)
            if hasattr(method, "__get__"):
                method = method.__get__(obj, cls)
            return method(*args, **kwargs)

        _method.__isabstractmethod__ = self.__isabstractmethod__
        _method.register = self.register
        update_wrapper(_method, self.func)
        return _method

    @property
    def __isabstractmethod__(self):
        return getattr(self.func, "__isabstractmethod__", False)
