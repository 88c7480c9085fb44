# Calls with thousands of arguments and literals with thousands of parts.
def count(*args, **kwargs):
    return len(args), len(kwargs)


print(count(*range(5000), **{f"k{i}": i for i in range(5000)}))
source = "count(" + ", ".join(str(i) for i in range(3000)) + ")"
print(eval(source))
source = "[" + ", ".join(f"'{i}'" for i in range(5000)) + "]"
print(len(eval(source)))
space = {}
exec("def f(" + ", ".join(f"a{i}" for i in range(600)) + "): return a0 + a599", space)
print(space["f"](*range(600)))
exec("\n".join(f"v{i} = {i}" for i in range(3000)), space)
print(space["v2999"])
print(eval(" + ".join(["1"] * 800)))
exec(
    "if v0:\n  pass\n" + "".join(f"elif v{i} == -1:\n  pass\n" for i in range(300)) + "else:\n  r = 'else'",
    space,
)
print(space["r"])
