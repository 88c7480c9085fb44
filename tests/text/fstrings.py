# f-strings: expressions, conversions, nesting, the = form, quotes and escapes.
name, n, pi = "World", 42, 3.14159265
print(f"Hello {name}! {n + 1} {name.lower()!r} {[i for i in range(3)]} {{literal}}")
print(f"{n=} {n = } {name!r:>10} {name=!s} {pi=:.3f} {n + 1=}")
width, precision = 12, 4
print(f"[{pi:{width}.{precision}}] [{name:^{width}}] [{name:*<{len(name) + 3}}]")
print(f"{'nested ' + f'{n:04d} {f"{name}"}'}", f"{"same quotes"}", f"{'a' 'b'}")
print(f"{n if n > 10 else 'small'} {(lambda x: x * 2)(3)} {dict(a=1)['a']} { {'k': 'v'}['k'] }")
print(f"""{
    n  # a comment
    + 1
} over lines""")
print(rf"\n{n}\d", f"\n{n}\ttab".strip(), f"{'\n'.join(['a', 'b'])}")
print(f"{None} {True} {1.0} {[]} {...} {b'x'}", f"{'é'!a} {'é'!r} {'é'!s}")
print(f"{n:#x} {n:b} {n:,} {-n:+d} {n:e} {n:c}", f"", f"{''}", "a" f"{n}" "b")


class Custom:
    def __format__(self, spec):
        return f"spec({spec})"


print(f"{Custom()} {Custom():abc} {Custom():{name}-{n}}")
for bad in ('f"{n:z}"', 'f"{name:d}"', 'f"{[]:>5}"', 'f"{n:.2}"', 'f"{n:,x}"', 'f"{None:5}"'):
    try:
        print(eval(bad))
    except (ValueError, TypeError) as e:
        print(bad, "->", type(e).__name__, e)
