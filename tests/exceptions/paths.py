# try, except, else and finally on every way out.
def path(action):
    try:
        print("try", end=" ")
        if action == "raise":
            raise ValueError("x")
        if action == "return":
            return "returned"
        if action == "other":
            raise KeyError("y")
    except ValueError as e:
        print("except", e, end=" ")
    else:
        print("else", end=" ")
    finally:
        print("finally", end=" ")
    return "end"


for action in ("nothing", "raise", "return", "other"):
    try:
        print(path(action))
    except KeyError as e:
        print("outside", repr(e))


def loop():
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            print("body", i)
        finally:
            print("finally", i)
    else:
        print("no break")
    return i


print(loop())
