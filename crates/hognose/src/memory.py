"""The part of hognose.memory that is written in Python."""

from hognose import memory as _m


class BudgetExceeded(MemoryError):
    """A block of code allocated more than its budget."""


class Snapshot:
    """Bytes and objects by class, and by line while allocations are watched."""

    def __init__(self):
        self.used = _m._used()
        self.lines = {(f, n): (bytes, blocks) for f, n, bytes, blocks, _, _ in _m._lines()}
        self.classes = {name: (bytes, objects) for name, objects, bytes in _m._classes()}

    def __repr__(self):
        return f"<Snapshot of {self.used} bytes, {len(self.classes)} classes, {len(self.lines)} lines>"


def snapshot():
    """A picture of the heap to compare with a later one: see diff()."""
    return Snapshot()


def diff(before, after):
    """What changed: rows (what, bytes, count), those that grew most first."""
    rows = []
    for old, new in ((before.classes, after.classes), (before.lines, after.lines)):
        for key in {**old, **new}:
            (b0, n0), (b1, n1) = old.get(key, (0, 0)), new.get(key, (0, 0))
            if b0 != b1 or n0 != n1:
                name = key if isinstance(key, str) else f"{key[0]}:{key[1]}"
                rows.append((name, b1 - b0, n1 - n0))
    rows.sort(key=lambda row: (-row[1], row[0]))
    return rows


def _bytes(size):
    if isinstance(size, int):
        return size
    before = _m.limit(size)
    wanted = _m.limit()
    _m.limit(before)
    return wanted


class budget:
    """with budget("64M"): at most that much more memory inside; BudgetExceeded when it was not enough."""

    def __init__(self, size):
        self.size = _bytes(size)

    def __enter__(self):
        self.before = _m.limit()
        limit = _m._used() + self.size
        if self.before is None or limit < self.before:
            _m.limit(limit)
        return self

    def __exit__(self, kind, exc, traceback):
        _m.limit(self.before)
        if kind is not None and issubclass(kind, MemoryError) and kind is not BudgetExceeded:
            raise BudgetExceeded(f"more than {self.size} bytes") from exc
        return False


class watch:
    """with watch(): notes the line of every allocation inside (depth: how many callers)."""

    def __init__(self, depth=1):
        self.depth = depth

    def __enter__(self):
        _m._watch(self.depth)
        return self

    def __exit__(self, kind, exc, traceback):
        _m._unwatch()
        return False
