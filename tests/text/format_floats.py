# Every presentation of floats.
values = (
    0.0, 1.0, -2.5, 1234567.891, 1e-7, 1e22, 123456789012345680.0, float("inf"), float("-inf"), float("nan"),
)
for spec in (
    "", "f", ".0f", ".2f", "#.0f", "e", ".0e", ".3E", "g", ".3g", "#.3g", "G", "%", ".1%", ",", ",.2f",
    "_.3f", "+", " ", "010.2f", "+010.1f", ">12.2f", "^12.3g", "=12.1f", "*<10.1f", ".10", ".0", "n",
    "z.0f", "-0.1f", ".20f",
):
    print(f"{spec!r:9}", *(format(v, spec) for v in values))
print(format(-0.0), format(-0.0, "z.1f"), format(-0.04, ".1f"), format(-0.04, "z.1f"), format(0.5, ".0f"))
print(format(1.5, ".0f"), format(2.5, ".0f"))
for spec in ("d", "x", "s", "c", ",n", ".f", "10.5.2", ".99999999999"):
    try:
        print(format(1.5, spec))
    except (ValueError, OverflowError) as e:
        print(spec, "->", type(e).__name__, e)
