# The name of a handler is unbound at its end, also when it held something before.
e = "before"
try:
    raise ValueError("x")
except ValueError as e:
    print("inside", e)
print("e" in globals())


def local():
    try:
        raise KeyError("k")
    except KeyError as error:
        pass
    try:
        return error
    except UnboundLocalError as problem:
        return str(problem)


print(local())


def rebinds():
    try:
        raise KeyError("k")
    except KeyError as error:
        error = "rebound"
    return "error" in locals()


print(rebinds())


def deletes():
    try:
        raise KeyError("k")
    except KeyError as error:
        del error
    return "fine"


print(deletes())
