"""What all nodes of a syntax tree share, and the making of their classes."""

PyCF_ONLY_AST = 0x400
PyCF_OPTIMIZED_AST = 0x8400
PyCF_TYPE_COMMENTS = 0x1000
PyCF_ALLOW_TOP_LEVEL_AWAIT = 0x2000

_PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
_PLACED = {"alias", "arg", "excepthandler", "expr", "keyword", "pattern", "stmt", "type_param"}
_SINGLE = {"expr_context", "boolop", "operator", "unaryop", "cmpop"}
_BUILTIN = {"identifier": str, "string": str, "int": int, "constant": object}
_singletons = {}


def _deprecated(message):
    import warnings

    warnings.warn(message, DeprecationWarning, stacklevel=3)


class AST:
    __module__ = "ast"
    _fields = ()
    _attributes = ()
    __match_args__ = ()
    _field_types = {}

    def __init__(self, *args, **kwargs):
        cls = type(self)
        name = cls.__name__
        fields = cls._fields
        if len(args) > len(fields):
            plural = "" if len(fields) == 1 else "s"
            raise TypeError(f"{name} constructor takes at most {len(fields)} positional argument{plural}")
        missing = list(fields)
        for field, value in zip(fields, args):
            setattr(self, field, value)
            missing.remove(field)
        for key, value in kwargs.items():
            if key in fields:
                if key not in missing:
                    raise TypeError(f"{name} got multiple values for argument {key!r}")
                missing.remove(key)
            elif key not in cls._attributes:
                _deprecated(
                    f"{name}.__init__ got an unexpected keyword argument {key!r}. Support for "
                    "arbitrary keyword arguments is deprecated and will be removed in Python 3.15."
                )
            setattr(self, key, value)
        if missing:
            self._complete(name, missing)

    def _complete(self, name, missing):
        types = getattr(self, "_field_types", {})
        for field in missing:
            kind = types.get(field)
            if kind is None:
                if field not in types:
                    _deprecated(
                        f"Field {field!r} is missing from {name}._field_types. This will become "
                        "an error in Python 3.15."
                    )
                continue
            if type(kind) is type(str | None):
                continue
            if type(kind) is type(list[int]):
                setattr(self, field, [])
            elif kind is expr_context:
                setattr(self, field, _singletons["Load"])
            else:
                _deprecated(
                    f"{name}.__init__ missing 1 required positional argument: {field!r}. This will "
                    "become an error in Python 3.15."
                )

    def __replace__(self, /, **changes):
        cls = type(self)
        known = set(cls._fields) | set(cls._attributes)
        state = dict(self.__dict__)
        unknown = [k for k in changes if k not in known]
        if unknown:
            names = ", ".join(repr(k) for k in unknown)
            raise TypeError(
                f"{cls.__name__}.__replace__ got an unexpected keyword argument {names}."
            )
        state.update(changes)
        types = cls._field_types
        absent = [
            f
            for f in cls._fields
            if f not in state and type(types.get(f)) is not type(str | None)
        ]
        if absent:
            names = ", ".join(repr(k) for k in absent)
            plural = "" if len(absent) == 1 else "s"
            raise TypeError(
                f"{cls.__name__}.__replace__ missing {len(absent)} keyword argument{plural}: {names}."
            )
        return cls(**state)

    def __repr__(self):
        return _shown(self, 3)


def _shown(node, depth):
    cls = type(node)
    if depth <= 0:
        return f"{cls.__name__}(...)"
    parts = []
    for field in cls._fields:
        value = getattr(node, field, None)
        if isinstance(value, (list, tuple)):
            value = _shown_items(value, depth)
        elif isinstance(value, AST):
            value = _shown(value, depth - 1)
        else:
            value = repr(value)
        parts.append(f"{field}={value}")
    return f"{cls.__name__}({', '.join(parts)})"


def _shown_items(items, depth):
    opened, closed = "[]" if isinstance(items, list) else "()"
    shown = [
        _shown(i, depth - 1) if isinstance(i, AST) else repr(i)
        for i in (items if len(items) <= 2 else (items[0], items[-1]))
    ]
    return opened + (", ..., " if len(items) > 2 else ", ").join(shown) + closed


def _grammar(name, doc):
    """Triples (name, class, '' or '?' or '*') of the fields that a class's documentation names."""
    if not doc.startswith(name + "("):
        return []
    fields = []
    for part in doc[len(name) + 1 : -1].split(", "):
        kind, field = part.split(" ")
        mark = kind[-1] if kind[-1] in "*?" else ""
        fields.append((field, kind.rstrip("*?"), mark))
    return fields


def _build(rows):
    """Makes the classes; bases come before what derives from them."""
    space = globals()
    made = []
    for name, base, doc in rows:
        body = {"__module__": "ast", "__doc__": doc}
        grammar = _grammar(name, doc)
        body["_fields"] = body["__match_args__"] = tuple(f for f, _, _ in grammar)
        if name in _PLACED:
            body["_attributes"] = _PLACE
            body["end_lineno"] = body["end_col_offset"] = None
        elif base == "AST":
            body["_attributes"] = ()
        body.update((f, None) for f, _, mark in grammar if mark == "?")
        cls = space[name] = type(name, (space[base],), body)
        made.append((cls, grammar))
        if base in _SINGLE:
            _singletons[name] = cls()
    for cls, grammar in made:
        types = {}
        for field, kind, mark in grammar:
            kind = _BUILTIN.get(kind) or space[kind]
            types[field] = list[kind] if mark == "*" else kind | None if mark == "?" else kind
        cls._field_types = cls.__annotations__ = types
