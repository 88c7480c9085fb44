# assert with and without a message; nothing happens when it holds.
def check(condition, *message):
    try:
        if message:
            assert condition, message[0]
        else:
            assert condition
        print("held")
    except AssertionError as e:
        print(repr(e), e.args)


def loud():
    print("message evaluated")
    return "loud"


check(True)
check(0)
check([], "empty list")
check("x", "not used")
check(None, ("a", "tuple"))
try:
    assert 1 == 2, loud()
except AssertionError as e:
    print(e)
assert 1 == 1, loud()
print(__debug__)
