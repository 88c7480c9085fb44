# Template strings keep their parts and values apart.
name, n = "World", 7
t = t"Hello {name!r:>10} and {n + 1}!"
print(type(t).__name__, t.strings, t.values)
for part in t:
    if isinstance(part, str):
        print("text", repr(part))
    else:
        print("value", part.value, part.expression, part.conversion, repr(part.format_spec))
print(t"plain".strings, t"{name}".strings, t"{n}{name}".strings, t"".strings, len(t"{n}".interpolations))


def render(template):
    out = []
    for part in template:
        out.append(part if isinstance(part, str) else f"<{format(part.value, part.format_spec)}>")
    return "".join(out)


print(render(t"a {n:03d} b {name} {n * 2 = }"), render(t"{'nested'} " + t"{n}"))
try:
    t"a" + "b"
except TypeError as e:
    print(e)
