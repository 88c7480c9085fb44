# The marks under a failing line: subscripts, attributes, operators, long calls.
def attempt(n):
    data = {"list": [1, 2, 3], "none": None}
    if n == 0:
        return data["list"][0] + data["list"][7] * 2
    if n == 1:
        return (
            data["none"].attribute
            + 1
        )
    if n == 2:
        return len(data) + max(1, 2, key=lambda x: x.missing)
    return data["list"] @ n


print("before")
try:
    attempt(0)
except IndexError:
    try:
        attempt(1)
    except AttributeError:
        try:
            attempt(2)
        except AttributeError:
            attempt(3)
