# str.format: fields, attributes, items, nesting, errors.
class P:
    x = 5
    items = {"k": [1, 2]}


print("{} {} {}".format(1, "a", None), "{1} {0} {1}".format("a", "b"), "{a}{b}".format(a=1, b=2))
print("{0.x} {0.items[k][1]} {1[0]} {p.x:>4}".format(P, [7], p=P), "{!r} {!s} {!a}".format("é", "é", "é"))
print("{:>{w}} {:{}} {:.{p}f}".format("a", "b", 3, 2.71828, w=4, p=2), "{{}} {{{}}}".format(1))
print("{:d} {:x} {:08.3f} {:+} {:,} {:%} {:^7}|".format(5, 255, 3.14159, 2, 10**6, 0.25, "mid"))
print("{a[b c]} {a[0]}".format(a={"b c": 1, 0: 2}), "{0[-1]}".format({"-1": "text key"}))
print("{x}-{y}".format_map({"x": 1, "y": 2}), "".format(), "no fields".format(1, 2, k=3))


class Missing(dict):
    def __missing__(self, key):
        return f"<{key}>"


print("{a} {b}".format_map(Missing(a=1)))
for template in (
    "{", "}", "{0", "{}{0}", "{0}{}", "{!x}", "{!}", "{2}", "{k}", "{0.zz}", "{0[zz]}", "{0[}", "{:{:{}}}",
    "{a.}", "{0[]}", "{:d}",
):
    try:
        print(template.format("v", 1))
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as e:
        print(template, "->", type(e).__name__, e)
