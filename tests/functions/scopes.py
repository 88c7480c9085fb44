# global, nonlocal, class scopes and the error of an unbound local.
x = "module"


def reads():
    return x


def assigns():
    x = "local"
    return x


def declares():
    global x, created
    x = "changed"
    created = True


def unbound():
    print(x)
    x = 1


def deleted():
    y = 1
    del y
    return y


print(reads(), assigns(), x)
declares()
print(x, created)
for f in (unbound, deleted):
    try:
        f()
    except UnboundLocalError as e:
        print(e)
try:
    undefined_name
except NameError as e:
    print(e, e.name)


class Scope:
    x = "class"
    y = x + "!"

    def method(self):
        return x


print(Scope.x, Scope.y, Scope().method())
