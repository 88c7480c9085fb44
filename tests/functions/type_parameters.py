# Generic functions, classes and type aliases.
def first[T](items: list[T]) -> T:
    return items[0]


class Box[T, *Ts, **P]:
    def __init__(self, value: T):
        self.value = value


type Alias[K] = dict[K, list[K]]
type Forward = list[Later]


class Bound[T: (int, str)]:
    pass


def outer[T: int = bool](x):
    def inner():
        return T

    return inner()


print(first([5, 6]), first.__type_params__, Box.__type_params__, Box(3).value)
print(Alias.__type_params__, Alias[int].__origin__ is Alias, Alias.__value__)
print(Bound.__type_params__[0].__constraints__, outer(1).__name__, outer(1).__bound__, outer(1).__default__)
try:
    Forward.__value__
except NameError as e:
    print(e)
Later = int
print(Forward.__value__)
try:
    T
except NameError as e:
    print(e)
