# The exact messages of calls that do not fit their function.
def two(a, b):
    pass


def defaults(a, b=1, c=2):
    pass


def keyword_only(*, k, m):
    pass


def positional_only(p, q, /):
    pass


def mixed(a, *, k=1):
    pass


class K:
    def method(self, x):
        pass


for call in (
    "two()", "two(1)", "two(1, 2, 3)", "two(1, 2, a=1)", "two(1, c=2)", "two(b=1)", "two(1, 2, 3, 4, x=1)",
    "defaults()", "defaults(1, 2, 3, 4)", "keyword_only()", "keyword_only(k=1)", "keyword_only(1, k=1, m=2)",
    "positional_only(p=1, q=2)", "positional_only(1)", "positional_only(1, q=2)", "mixed(1, 2)",
    "mixed(1, 2, k=3)",
    "mixed()", "K().method()", "K().method(1, 2)", "K(1)", "two(**{1: 2})", "two(*1)", "two(**1)",
    "two(1, **{'a': 1})", "two(a=1, **{'a': 1})", "(lambda x: x)()", "len()", "len(1, 2)", "int(1, 2, 3)",
    "(lambda: 1)()()",
    "two.missing()", "defaults(1, bb=2)",
):
    try:
        eval(call)
    except (TypeError, AttributeError) as e:
        print(call, "->", type(e).__name__ + ":", e)
