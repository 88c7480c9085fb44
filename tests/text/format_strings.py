# Presentation of strings and of complex numbers.
for spec in ("", "s", "10", "<10", ">10", "^10", "*^11", ".3", "10.2", "^7.4s", "<<8", "05", "é>8", "{<6"):
    print(f"{spec!r:8}", *(f"[{format(v, spec)}]" for v in ("hello", "", "héé")))
for spec in ("d", "+", "=10", ",", "#", "f", "0=10", "10c", " "):
    try:
        print(format("text", spec))
    except ValueError as e:
        print(spec, "->", e)
for spec in ("", ".2f", "+.1e", "g", ">20", "^+20.3f", ",.1f"):
    print(f"{spec!r:8}", format(1.5 - 2000j, spec), format(3j, spec))
for spec in ("05", "=10", "%", "d"):
    try:
        print(format(1j, spec))
    except ValueError as e:
        print(spec, "->", e)
