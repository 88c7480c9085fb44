# slice objects and what a class receives between its brackets.
class Show:
    def __getitem__(self, key):
        return key


s = Show()
print(s[1], s[1:2], s[:], s[::2], s[1:2, 3], s[..., 1:], s["a":None], s[()], s[1,], s[*range(3)], s[-1])
print(s[1:2:3])
sl = slice(1, 10, 2)
print(sl.start, sl.stop, sl.step, sl.indices(5), slice(None).indices(3), slice(None, None, -1).indices(3))
print(slice(-2, None).indices(10), slice(5), slice(1, 2) == slice(1, 2), slice(1, 2) < slice(1, 3))
print([0, 1, 2, 3][slice(-2, None)], "abc"[slice(2)], (1, 2, 3)[slice(None, None, 2)])
print(hash(slice(1, 2)) == hash(slice(1, 2)))


class Index:
    def __index__(self):
        return 2


print([10, 20, 30, 40][Index()], [10, 20, 30, 40][Index():], "abcdef"[: Index()], list(range(Index())))
print([0] * Index())
for call in (
    "slice()", "slice(1, 2, 3, 4)", "slice(0, 5, 0).indices(3)", "slice(1).indices(-1)",
    "slice('a').indices(3)", "sl.start = 5", "[1, 2]['a':'b']",
):
    try:
        exec(call)
    except (TypeError, ValueError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
