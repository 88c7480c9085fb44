# Objects alive at exit are finalized after the last statement, in the order they were named.
class Last:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("finalizing", self.name)


first = Last("first")
second = Last("second")
_private = Last("private")
container = [Last("in a list")]
print("last statement")
