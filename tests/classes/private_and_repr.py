# Name mangling, default repr parts, str against repr.
class Account:
    __rate = 3

    def __init__(self):
        self.__secret = 1
        self._hint = 2

    def reveal(self):
        return self.__secret + self.__rate

    def __helper(self):
        return "helped"

    def help(self):
        return self.__helper()


a = Account()
print(a.reveal(), a.help(), sorted(vars(a)))
print(a._Account__secret, Account._Account__rate)
try:
    a.__secret
except AttributeError as e:
    print(e)


class Both:
    def __str__(self):
        return "as text"

    def __repr__(self):
        return "Both()"


class OnlyRepr:
    def __repr__(self):
        return "OnlyRepr()"


print(Both(), [Both()], f"{Both()} {Both()!r}", str(OnlyRepr()), "%s %r" % (Both(), Both()))
print(repr(object()).startswith("<object object at"), repr(a).split(" at ")[0])
print(Account, Account.reveal.__qualname__, repr(Account.reveal).split(" at ")[0])


class BadStr:
    def __str__(self):
        return 5


try:
    str(BadStr())
except TypeError as e:
    print(e)
