"""Generic (shallow and deep) copying operations."""

from copyreg import dispatch_table

__all__ = ["Error", "copy", "deepcopy", "replace"]


class Error(Exception):
    pass


error = Error

# What cannot change, or is what it is: the copy is the object itself.
_ATOMS = frozenset((
    type(None), type(...), type(NotImplemented), int, float, bool, complex, bytes, str, type, range, property,
    type(len), type(lambda: 0), type((lambda: 0).__code__),
))
_CONTAINERS = {list: list.copy, dict: dict.copy, set: set.copy, bytearray: bytearray.copy}
_SHALLOW_ATOMS = _ATOMS | {tuple, frozenset, slice}


def _reduced(x, cls):
    """What the object says about how to make another."""
    f = dispatch_table.get(cls)
    if f is not None:
        return f(x)
    f = getattr(x, "__reduce_ex__", None)
    if f is not None:
        return f(4)
    f = getattr(x, "__reduce__", None)
    if f is not None:
        return f()
    return None


def copy(x):
    """Shallow copy operation on arbitrary Python objects."""
    cls = type(x)
    if cls in _SHALLOW_ATOMS:
        return x
    f = _CONTAINERS.get(cls)
    if f is not None:
        return f(x)
    if issubclass(cls, type):
        return x
    f = getattr(cls, "__copy__", None)
    if f is not None:
        return f(x)
    rv = _reduced(x, cls)
    if rv is None:
        raise Error(f"un(shallow)copyable object of type {cls}")
    if isinstance(rv, str):
        return x
    return _reconstruct(x, None, *rv)


def deepcopy(x, memo=None):
    """Deep copy operation on arbitrary Python objects."""
    cls = type(x)
    if cls in _ATOMS:
        return x
    key = id(x)
    if memo is None:
        memo = {}
    else:
        y = memo.get(key, memo)
        if y is not memo:
            return y
    f = _deep.get(cls)
    if f is not None:
        y = f(x, memo)
    elif issubclass(cls, type):
        return x
    else:
        f = getattr(x, "__deepcopy__", None)
        if f is not None:
            y = f(memo)
        else:
            rv = _reduced(x, cls)
            if rv is None:
                raise Error(f"un(deep)copyable object of type {cls}")
            y = x if isinstance(rv, str) else _reconstruct(x, memo, *rv)
    if y is not x:
        memo[key] = y
        _keep_alive(x, memo)
    return y


def _keep_alive(x, memo):
    """Originals live as long as the memo: their ids must not be given to others."""
    try:
        memo[id(memo)].append(x)
    except KeyError:
        memo[id(memo)] = [x]


def _deep_list(x, memo):
    y = []
    memo[id(x)] = y
    for item in x:
        y.append(deepcopy(item, memo))
    return y


def _deep_tuple(x, memo):
    y = [deepcopy(item, memo) for item in x]
    # A tuple inside itself (through a list) has its copy by now.
    try:
        return memo[id(x)]
    except KeyError:
        pass
    for old, new in zip(x, y):
        if old is not new:
            return tuple(y)
    return x


def _deep_dict(x, memo):
    y = {}
    memo[id(x)] = y
    for key, value in x.items():
        y[deepcopy(key, memo)] = deepcopy(value, memo)
    return y


class _C:
    def m(self):
        pass


_Method = type(_C().m)
_deep = {
    list: _deep_list,
    tuple: _deep_tuple,
    dict: _deep_dict,
    _Method: lambda x, memo: type(x)(x.__func__, deepcopy(x.__self__, memo)),
}
del _C


def _reconstruct(x, memo, func, args, state=None, listiter=None, dictiter=None, *, deepcopy=deepcopy):
    deep = memo is not None
    if deep and args:
        args = [deepcopy(a, memo) for a in args]
    y = func(*args)
    if deep:
        memo[id(x)] = y
    if state is not None:
        if deep:
            state = deepcopy(state, memo)
        if hasattr(y, "__setstate__"):
            y.__setstate__(state)
        else:
            slots = None
            if isinstance(state, tuple) and len(state) == 2:
                state, slots = state
            if state is not None:
                y.__dict__.update(state)
            if slots is not None:
                for name, value in slots.items():
                    setattr(y, name, value)
    if listiter is not None:
        for item in listiter:
            y.append(deepcopy(item, memo) if deep else item)
    if dictiter is not None:
        for key, value in dictiter:
            if deep:
                key = deepcopy(key, memo)
                value = deepcopy(value, memo)
            y[key] = value
    return y


def replace(obj, /, **changes):
    """Return a new object replacing specified fields with new values."""
    cls = obj.__class__
    f = getattr(cls, "__replace__", None)
    if f is None:
        raise TypeError(f"replace() does not support {cls.__name__} objects")
    return f(obj, **changes)
