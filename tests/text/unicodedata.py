# Properties of characters, names, values and normal forms.
import unicodedata as u

for ch in ["a", "Z", "5", "½", "٣", "中", "é", "\u0301", "(", " ", "\u200f", "\ud800", "ﬁ", "Ⅷ", "😀", "\U0010ffff", "가"]:
    print(
        ascii(ch),
        u.category(ch),
        u.bidirectional(ch),
        u.east_asian_width(ch),
        u.mirrored(ch),
        u.combining(ch),
        u.decimal(ch, None),
        u.digit(ch, None),
        u.numeric(ch, None),
        u.name(ch, None),
    )
print(ascii(u.lookup("SNOWMAN")), ascii(u.lookup("latin small letter e with acute")))
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    print(form, ascii(u.normalize(form, "é e\u0301 ﬁ ½ 가 \ud800Å")), u.is_normalized(form, "e\u0301"))
for bad in (
    lambda: u.category("ab"),
    lambda: u.category(1),
    lambda: u.lookup("NO SUCH THING"),
    lambda: u.name("\x00"),
    lambda: u.decimal("x"),
    lambda: u.digit("x"),
    lambda: u.numeric("x"),
    lambda: u.numeric("xy", 1),
    lambda: u.normalize("NFX", "é"),
):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)
total = 0
for c in range(0, 0x110000, 7):
    ch = chr(c)
    value = u.numeric(ch, -1)
    key = (u.category(ch), u.bidirectional(ch), u.east_asian_width(ch), u.mirrored(ch), u.combining(ch), value)
    total = (total * 31 + sum(map(ord, "".join(map(str, key))))) % 1000000007
print(total)
