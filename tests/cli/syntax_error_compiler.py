# An error that only the compiler finds is reported with its line as well.
print("never printed")


def outer():
    value = 1

    def inner():
        nonlocal missing
        missing = value

    return inner


outer()
