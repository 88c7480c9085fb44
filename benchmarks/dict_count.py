# Counting words and integers in dictionaries.


def make_words(n):
    syllables = ["ka", "to", "mi", "re", "su", "no", "hi", "va"]
    words = []
    state = 12345
    for _ in range(n):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        a = state >> 16 & 7
        b = state >> 19 & 7
        c = state >> 22 & 7
        words.append(syllables[a] + syllables[b] + syllables[c])
    return words


def count(items):
    counts = {}
    for item in items:
        if item in counts:
            counts[item] += 1
        else:
            counts[item] = 1
    return counts


def count_get(items):
    counts = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


words = make_words(400_000)
checksum = 0
for _ in range(6):
    by_word = count(words)
    for n in count_get(words).values():
        checksum += n * n
    by_length = {}
    for i in range(300_000):
        key = i * 7919 % 10007
        by_length[key] = by_length.get(key, 0) + i % 5
    checksum += sum(by_length.values()) + len(by_word)
top = sorted(by_word.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
print(top, checksum)
