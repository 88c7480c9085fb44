# A method of a method of a method …, as deep as memory allows.
Method = type((lambda: 0).__get__(1))


def count(*args):
    return len(args), args[0], args[-1]


f = count
for i in range(50000):
    f = Method(f, i)
print(f("last"))
try:
    f(key=1)
except TypeError as e:
    print(e)
