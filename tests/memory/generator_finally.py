# A generator's finally runs when its last reference goes, also after a break.
class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("  del", self.name)


def numbers():
    resource = Noisy("resource")
    try:
        yield 1
        yield 2
    finally:
        print("  finally", resource.name)


print("dropped")
g = numbers()
print(next(g))
del g
print("break")
for n in numbers():
    print(n)
    break
print("after the loop")
g = numbers()
del g
print("a generator that never started runs nothing")
g = numbers()
print(list(g))
print("exhausted, nothing more")
del g
