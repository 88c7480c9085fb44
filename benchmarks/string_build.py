# Building strings: concatenation, join, f-strings, slices, searches.


def concat(n):
    s = ""
    for i in range(n):
        s += "x" if i % 3 else "yz"
    return s


def joined(n):
    parts = []
    for i in range(n):
        parts.append(str(i))
    return ",".join(parts)


def formatted(n):
    size = 0
    for i in range(n):
        line = f"{i:06d}: {i * i} {i / 4:.2f} {'even' if i % 2 == 0 else 'odd'!r}"
        size += len(line)
    return size


def words(text):
    found = 0
    for field in text.split(","):
        if field.startswith("12") or field.endswith("7"):
            found += 1
        if field[:2] == "34":
            found += len(field.replace("3", "three").upper())
    return found


checksum = 0
for _ in range(11):
    text = joined(150_000)
    checksum += len(concat(200_000)) + len(text) + formatted(80_000) + words(text)
    checksum += text.count("99") + text.find("149999")
print(checksum)
