# What a finally clause can and cannot change about a return, a raise or a break.
def nested():
    order = []
    try:
        try:
            order.append("a")
            raise KeyError
        finally:
            order.append("b")
    except KeyError:
        order.append("c")
    finally:
        order.append("d")
    return order


def value():
    x = 1
    try:
        return x
    finally:
        x = 2


def mutable():
    x = [1]
    try:
        return x
    finally:
        x.append(2)


def raising_finally():
    try:
        raise ValueError("first")
    finally:
        raise KeyError("second")


print(nested(), value(), mutable())
try:
    raising_finally()
except KeyError as e:
    print(repr(e), "context", repr(e.__context__))


def loops():
    for i in range(3):
        for j in range(3):
            try:
                if j == 1:
                    break
                yield (i, j)
            finally:
                yield "f"


print(list(loops()))
