# find, index, count, startswith, endswith, in, replace, partition.
s = "the cat sat on the mat"
print(s.find("at"), s.rfind("at"), s.find("at", 6), s.find("at", 6, 8), s.find("zz"), s.find(""), s.rfind(""))
print(s.find("", 50))
print(s.index("cat"), s.rindex("the"), s.count("at"), s.count(""), "aaaa".count("aa"), s.count("t", -3))
print(s.startswith("the"), s.startswith("cat", 4), s.endswith(("dog", "mat")), s.startswith(()))
print(s.endswith("sat", 0, 11))
print("cat" in s, "" in s, "dog" not in s, s.replace("at", "og"), s.replace("at", "og", 2))
print("abc".replace("", "-"), "aaa".replace("a", "", 1))
print(s.partition(" "), s.rpartition(" "), s.partition("zz"), s.rpartition("zz"))
print("prefix-body".removeprefix("prefix-"), "body.txt".removesuffix(".txt"), "x".removeprefix("y"))
for call in (
    's.index("dog")', 's.rindex("dog")', 's.partition("")', "s.find(1)", "1 in s", 's.startswith(1)',
    's.replace("a")', "s.count()", 's.startswith([""])',
):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
