# How nested containers print, with their own and with foreign reprs.
class Named:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<{self.name}>"

    def __str__(self):
        return "never inside a container"


n = Named("n")
print([n], (n,), {n: n}, {n}, [[n, (n,)]], {"k": [n, {"j": (n,)}]})
print([1, 1.0, 1j, "s", b"b", None, True, ..., [], (), {}, set(), frozenset(), range(2), int])
print(["it's", 'q"q', "new\nline", "é", "\x00"], ("tab\t",), {"a": {"b": {"c": {}}}})
print(str([1, "a"]), repr(("x",)), f"{[1, 'a']}", "%s %r" % ([n], (n,)), "{}".format({n: 1}), ascii(["é"]))


class Sub(list):
    pass


class Dub(dict):
    pass


class Tup(tuple):
    pass


class Zet(set):
    pass


print(Sub([1]), Dub(a=1), Tup((1,)), Zet([1]), [Sub()], Zet())


class Bad:
    def __repr__(self):
        raise ValueError("no repr")


try:
    print([1, [Bad()]])
except ValueError as e:
    print(e)
