def f(x):
    with x as y:
        return y
