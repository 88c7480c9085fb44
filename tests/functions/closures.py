# Closures share variables, not values.
def counter(start):
    count = start

    def step(by=1):
        nonlocal count
        count += by
        return count

    def peek():
        return count

    return step, peek


step, peek = counter(10)
step()
print(step(5), peek())
other, other_peek = counter(0)
print(other(), peek(), other_peek())
print(peek.__closure__[0].cell_contents, peek.__code__.co_freevars)


def outer():
    def read():
        return late

    try:
        read()
    except NameError as e:
        print(type(e).__name__, e)
    late = "now"
    return read()


print(outer())


def deep():
    x = 1

    def middle():
        def inner():
            nonlocal x
            x *= 7
            return x

        return inner

    middle()()
    return x


print(deep())
