# frame.f_locals writes through to the variables of a running function.
import sys


def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)


def simple():
    x = 1
    sys._getframe().f_locals["x"] = 5
    return x


def others(a, b=2, *c, d, **e):
    p = sys._getframe().f_locals
    p["new"] = 3
    print(list(p), len(p), "a" in p, "new" in p, "none" in p, p["new"], p.get("zz", 9))
    print(p.keys()[:2], p.values()[:2], p.items()[:2], list(reversed(p))[:2])
    t(lambda: p["zz"])
    t(lambda: p.pop("a"))
    t(lambda: p.pop("new"))
    t(lambda: p.pop("new"))
    t(lambda: p.pop("new", 4))
    t(lambda: p.__delitem__("a"))
    t(lambda: p.__delitem__("zz"))
    t(lambda: p.setdefault("s", 6))
    t(lambda: p.setdefault("a", 7))
    t(lambda: p.update({"a": 10, "u": 11}))
    t(lambda: p.update(3))
    t(lambda: hash(p))
    del p["u"]
    print(type(p), a, p == p, p == {}, p != p, sorted((p | {"q": 1}).keys()), type(p | {}))
    p |= {"b": 20}
    print(b, type(p.copy()))
    return locals().keys() >= {"a", "b"}


print(simple())
print(others(1, d=3))


def closure():
    x = 1

    def inner():
        return x

    sys._getframe().f_locals["x"] = "cell"
    return inner(), x


print(closure())


def outer():
    value = "old"
    changed_by_callee()
    return value, unbound_later()


def changed_by_callee():
    sys._getframe(1).f_locals["value"] = "new"


def unbound_later():
    p = sys._getframe().f_locals
    before = "late" in p
    late = 1
    return before, "late" in p


print(outer())


class Evil:
    def __add__(self, other):
        sys._getframe(1).f_locals["x"] = None
        return "added"


def during():
    x = Evil()
    y = x + 1
    return x, y


print(during())


def fails():
    kept = [1]
    raise ValueError


try:
    fails()
except ValueError as e:
    f = e.__traceback__.tb_next.tb_frame
    print(f.f_locals["kept"], dict(f.f_locals))
    f.f_locals["kept"] = 2
    f.f_locals["extra"] = 3
    print(f.f_locals)
print(sys._getframe().f_locals is globals())


class Body:
    a = 1
    print(type(sys._getframe().f_locals), sys._getframe().f_locals["a"])


t(lambda: type(sys._getframe().f_locals)(3))
