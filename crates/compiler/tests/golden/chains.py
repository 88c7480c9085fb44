def f(a, b, c):
    x = a < b <= c
    y = a and b or c
    a[1:2], b.x = c, a + (a := 2)
    return not x is None
