# Operands and arguments are evaluated left to right.
def say(x):
    print(x, end=" ")
    return x


def line(*args, **kwargs):
    print("=>", args, kwargs)


line(say(1), say(2), *[say(3)], k=say(4), **{"z": say(5)})
print("=>", say(1) + say(2) * say(3))
print("=>", {say("k1"): say("v1"), say("k2"): say("v2")})
print("=>", [say(1), say(2)][say(0)])
print("=>", say(1) < say(2) < say(3), say(3) < say(2) < say(1))
print("=>", say(0) or say(5) and say(6))
target = [0, 0, 0]
target[say(1)] = say(9)
print("=>", target)
target[say(0)] += say(5)
print("=>", target)
a, target[say(2)] = say(7), say(8)
print("=>", a, target)
print("=>", say("yes") if say(True) else say("no"))


def show(f):
    print("=> decorated", f.__name__)
    return f


@show
def decorated(x=say("default"), *, k=say("keyword default")):
    pass
