# Long subjects and deep backtracking need no native stack.
import re

n = 200_000
print(len(re.match(r"(?:a|b)*", "ab" * n).group()), len(re.match(r"(?:(a)|b)*c?", "ab" * n).group()))
print(re.match(r"(?:a|aa)*$", "a" * 18 + "b"), re.search(r"(x+x+)+y", "x" * 18))
print(len(re.findall(r"(?:é|\w)+", "éa " * 10000)), re.search("needle", "hay" * n + "needle").span())
print(sum(m.start() for m in re.finditer("é", "aé" * 20000)))
print(len(re.sub(r"\w+", lambda m: m.group()[::-1], "abc déf " * 5000)))
