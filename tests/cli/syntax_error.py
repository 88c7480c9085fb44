# A syntax error in the program: nothing runs, the place is shown, exit code 1.
print("never printed")


def broken(a, b:
    return a + b


class AlsoNever:
    value = 1


print(broken(1, 2))
