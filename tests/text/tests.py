# The is… methods over several kinds of characters.
samples = [
    "", "abc", "ABC", "Abc Def", "123", "12a", " \t", "²", "½", "٣", "é", "_x1", "1x", "class", "a b", "中文",
    "\u0301", "\x00", "x\n", "Ǆ",
]
names = [
    "isalpha", "isdigit", "isdecimal", "isnumeric", "isalnum", "isspace", "isupper", "islower", "istitle",
    "isidentifier", "isprintable", "isascii",
]
print(" " * 12, *(n[2:6] for n in names))
for s in samples:
    print(f"{ascii(s):14}", *("yes " if getattr(s, n)() else "-   " for n in names))
print("abc" < "abd", "Z" < "a", "a" < "aa", "" < "a", "é" > "z", "a" == "a\0", "10" < "9")
print(sorted(["b", "A", "a", "B", "ä", "1", ""]), max("hello"), min("hello"))
try:
    "a" < 1
except TypeError as e:
    print(e)
