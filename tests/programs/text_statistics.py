# Word counts, frequencies, longest words and a histogram of a text.
TEXT = """
The heap is where objects live. Objects that nobody can reach are garbage, and garbage is
returned to the heap: by counting references, or by a collector that looks for cycles.
A cycle is a ring of objects; counting alone cannot free a ring!  Can the collector? It can.
"""


def words(text):
    word = []
    for c in text + " ":
        if c.isalpha():
            word.append(c.lower())
        elif word:
            yield "".join(word)
            word.clear()


def sentences(text):
    start = 0
    for i, c in enumerate(text):
        if c in ".!?":
            sentence = " ".join(text[start:i].split())
            if sentence:
                yield sentence
            start = i + 1


def count(items):
    counts = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return counts


def top(counts, n):
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def histogram(counts, width=30):
    largest = max(counts.values())
    for key in sorted(counts):
        bar = "#" * round(counts[key] / largest * width)
        yield f"{key:>3} {bar:<{width}} {counts[key]:>3}"


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


every = list(words(TEXT))
lengths = [len(w) for w in every]
print(f"{len(every)} words, {len(set(every))} different, {sum(lengths)} letters")
print(f"mean {sum(lengths) / len(lengths):.3f}, median {median(lengths)}, longest {max(every, key=len)}")
for word, times in top(count(every), 6):
    print(f"{word:<10}{times:>3} {times / len(every):6.1%}")
print("letters:", *(f"{c}{n}" for c, n in top(count("".join(every)), 8)))
print(*histogram(count(lengths)), sep="\n")
for number, sentence in enumerate(sentences(TEXT), 1):
    print(f"{number}. {sentence[:40]:<40}| {len(sentence.split())} words")
groups = {}
for w in sorted(set(every)):
    groups.setdefault(w[0], []).append(w)
print({k: v for k, v in groups.items() if len(v) > 2})
palindromes = [w for w in every if w == w[::-1] and len(w) > 1]
print(palindromes, TEXT.count("garbage"), TEXT.title().split()[:4])
