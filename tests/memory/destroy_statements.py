# Rebinding destroys after the new value exists; temporaries die at the end of their statement.
class Noisy:
    def __init__(self, name):
        self.name = name
        print("  new", name)

    def __del__(self):
        print("  del", self.name)


print("rebinding")
x = Noisy("old")
x = Noisy("new")
print("expression statement")
Noisy("temporary")
print("next statement")
Noisy("left").name + Noisy("right").name
print("call argument")
len([Noisy("element")])
print("loop variable")
for item in map(Noisy, ["one", "two"]):
    print("  body", item.name)
print("match subject")
match Noisy("subject"):
    case _:
        print("  case body")
print("del")
del x
print("end")
del item
