# Every presentation of integers.
for spec in (
    "", "d", "b", "o", "x", "X", "#b", "#o", "#x", "#X", "c", "n", "e", "f", "g", "%", ",", "_", "_b", "_x",
    "#_x", "010", "+", "-", " ", "+08d", "08_d", ">10", "<10", "^10", "=10", "*^11", "x=+9", "010,", "+#012x",
    "=+10,d", "3", "0", ".0f", "12.3e", "0>5", "é^9",
):
    print(f"{spec!r:10}")
    print(*(f"[{format(v, spec)}]" for v in (97, 12345) + ((-5,) if spec != "c" else (0x1F600,))))
for spec in (".3", "s", "q", "c", "#c", "+c", ",b", "10.2d", ",_", ",,", "<<<", "5x5"):
    try:
        print(spec, format(-70000000000, spec))
    except (ValueError, OverflowError) as e:
        print(spec, "->", type(e).__name__, e)
print(format(True, "d"), format(True), format(False, "5"), format(10**30, ","), format(2**70, "x"))
