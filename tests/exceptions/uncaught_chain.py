# Two uncaught exceptions, one during the handling of the other.
def load(table, key):
    return table[key]


def lookup(key):
    try:
        return load({"a": 1}, key)
    except KeyError:
        return key + 1


print("before")
print(lookup("a"))
lookup("b")
print("never")
