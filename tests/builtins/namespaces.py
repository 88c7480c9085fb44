# globals(), locals() and module level names.
value = 1
globals()["made"] = 2
print(made, "value" in globals(), globals() is locals(), __name__, __doc__)


def f(a, b=2):
    c = a + b
    inner = lambda: c
    snapshot = locals()
    d = 4
    snapshot["c"] = "changed"
    return sorted(snapshot), snapshot["c"], c, sorted(locals()), inner()


print(f(1))


class K:
    x = 1
    y = sorted(n for n in locals() if not n.startswith("__"))
    locals()["z"] = 3


print(K.y, K.z)


def closure():
    free = 1

    def inner(arg):
        return locals(), free

    return inner(5)


print(closure())
print([sorted(n for n in locals() if n in ("i", "value")) for i in range(1)])
len_before = len
len = lambda x: "shadowed"
print(len([1]))
del len
print(len([1]), len is len_before, __builtins__.len is len)
try:
    del len
except NameError as e:
    print(e)


def uses_global():
    return value_later


value_later = "defined after the function"
print(uses_global())
