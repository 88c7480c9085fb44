def f(x):
    match x:
        case [a, Point(y=b)]:
            return a
        case _:
            return 0
