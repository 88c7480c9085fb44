# A least-recently-used cache over a dict and a doubly linked list, used as a decorator.
class Entry:
    __slots__ = ("key", "value", "before", "after")

    def __init__(self, key=None, value=None):
        self.key, self.value = key, value
        self.before = self.after = self


class LruCache:
    def __init__(self, capacity):
        if capacity < 1:
            raise ValueError("capacity must be positive")
        self.capacity = capacity
        self.entries = {}
        self.root = Entry()
        self.hits = self.misses = 0

    def _unlink(self, entry):
        entry.before.after = entry.after
        entry.after.before = entry.before

    def _push_front(self, entry):
        entry.before, entry.after = self.root, self.root.after
        self.root.after.before = entry
        self.root.after = entry

    def get(self, key, default=None):
        entry = self.entries.get(key)
        if entry is None:
            self.misses += 1
            return default
        self.hits += 1
        self._unlink(entry)
        self._push_front(entry)
        return entry.value

    def put(self, key, value):
        entry = self.entries.get(key)
        if entry is not None:
            entry.value = value
            self._unlink(entry)
        else:
            if len(self.entries) == self.capacity:
                oldest = self.root.before
                self._unlink(oldest)
                del self.entries[oldest.key]
            entry = self.entries[key] = Entry(key, value)
        self._push_front(entry)

    def __iter__(self):
        entry = self.root.after
        while entry is not self.root:
            yield entry.key, entry.value
            entry = entry.after

    def __len__(self):
        return len(self.entries)


def cached(capacity):
    def decorate(function):
        cache = LruCache(capacity)
        missing = object()

        def wrapper(*args):
            result = cache.get(args, missing)
            if result is missing:
                result = function(*args)
                cache.put(args, result)
            return result

        wrapper.cache = cache
        return wrapper

    return decorate


@cached(3)
def slow_square(n):
    print("computing", n)
    return n * n


cache = LruCache(2)
cache.put("a", 1)
cache.put("b", 2)
print(cache.get("a"), list(cache))
cache.put("c", 3)
print(cache.get("b", "evicted"), list(cache), len(cache), cache.hits, cache.misses)
cache.put("a", 10)
print(list(cache))
print([slow_square(n) for n in (1, 2, 1, 3, 4, 1, 2)])
print(list(slow_square.cache), slow_square.cache.hits, slow_square.cache.misses)
try:
    LruCache(0)
except ValueError as e:
    print(e)
