# Code that is probably wrong: the compiler warns, and it runs all the same.
y = b = ()
a = "\d"; b = b"\q"; c = '\400'; d = "x" "\
\z"
e = """
 \w"""
def g():
    for i in [1]:
        try: pass
        finally:
            for j in []: break
            def h(): return 1
            continue
    while 1:
        try: pass
        finally:
            try: break
            finally: pass
if a is 1 or a is not "x" or a is () or a is None or 1 is a or a is -1 or a is True or a is b"" or a is ...: pass
assert (a, "x")
try:
    if 0:
        1(2)
        "x"(1)
        [1](2)
        (1, 2)(3)
        {1: 2}(3)
        {1}(2)
        [x for x in y](1)
        (x for x in y)(1)
        (lambda: 1)[0]
        f"x"(1)
        1[2]; None[1]; {1}[1]; (x for x in y)[0]
        [1]["a"]; "abc"["x"]; (1, 2)[1.5]; [1][(1, 2)]; b"x"[None]; [1][:]; [1][True]; [1][lambda: 1]; [1][f"x"]; [1][[1]]; f"x"["y"]; [x for x in y]["a"]; t"x"[1]; ...[1]; {1:2}["a"]; ...(1); None(1); t"x"(1); 1.5(1)
except ValueError: pass
x = 1if 1else 2
z = 1or 2
if 1and 2: pass
q = 1in [1]
q = 1.5is 2
r = 1jif 1 else 0
assert (x for x in y)
assert (a, b), "m"
k = a is (1, 2)
k = a is f"x"
k = "\N{DIGIT ONE}\x41\777\8"
l = rb"\d"
print(a, c, z, q)
