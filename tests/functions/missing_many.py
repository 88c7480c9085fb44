# How a list of missing arguments is worded.
def three(a, b, c):
    pass


def four(a, b, c, d):
    pass


def keywords(*, one, two, three):
    pass


def plural(a, b=0, *, k):
    pass


for call in (
    lambda: three(),
    lambda: three(1),
    lambda: four(),
    lambda: keywords(),
    lambda: keywords(two=2),
    lambda: plural(1, 2, 3, k=1),
    lambda: plural(1, 2, 3),
    lambda: plural(1),
):
    try:
        call()
    except TypeError as e:
        print(e)
