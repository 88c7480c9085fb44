# One of several methods that share a slot is overridden: the others stay those of the base.


class D(dict):
    def __setitem__(self, key, value):
        print("set", key, value)
        super().__setitem__(key, value)


d = D()
d["a"] = 1
del d["a"]
print(d)


class L(list):
    def __delitem__(self, i):
        print("del", i)


x = L([1, 2])
x[0] = 5
del x[1]
print(x)


class N(int):
    def __neg__(self):
        return "negated"


print(-N(3), abs(N(-3)), ~N(3), +N(3))
exec("y = 2\ndel y", {}, D())
