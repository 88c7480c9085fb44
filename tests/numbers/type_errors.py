# The wording of operators between types that do not fit.
one, text, none, items = 1, "s", None, []
for source in (
    "1 + 's'", "'s' + 1", "1 + None", "None + 1", "[] + ()", "() + []", "{} + {}", "set() + set()",
    "b'' + ''",
    "1.5 + 's'", "1j + 's'", "'s' * 's'", "[] * 1.5", "'s' - 's'", "[] - []", "1 @ 2", "1 // 's'", "1 % None",
    "1 ** 's'",
    "1 < 's'", "None < None", "[] < ()", "{} < {}", "1j < 1j", "object < object", "-'s'", "+[]", "~1.5",
    "undefined + 1",
    "1 & 's'", "set() & []", "1 << 's'", "[1] + 1", "1 in one", "'a' in one", "none[0]", "one[0]", "{}[[]]",
    "len[0]",
    "none()", "text()", "one.x", "none.x", "items.x", "text.x", "divmod('a', 1)", "abs('s')", "sum(['a'])",
    "sum('ab', '')",
    "max(1, 'a')", "sorted([1, 'a'])", "[1, 2] < [1, 'a']", "(1,) < (None,)", "print < 1", "items['a']",
    "items[1.5]",
    "text[None]", "iter(one)", "len(none)", "[*one]", "{**one}", "hash(items)", "int(none)", "float(items)",
    "next(items)",
):
    try:
        print(source, eval(source))
    except (TypeError, AttributeError, NameError) as e:
        print(source, "->", type(e).__name__, e)
for source in (
    "one += 's'", "items += 1", "text -= 1", "none[0] = 1", "one.x = 1", "del one[0]", "text[0] = 'a'",
    "del none.x",
):
    try:
        exec(source)
    except (TypeError, AttributeError) as e:
        print(source, "->", type(e).__name__, e)
