def total(items, limit):
    s = 0
    for x in items:
        if x > limit and x != 3:
            break
        s += x
    while s < 100:
        s = s + 1
    return s
