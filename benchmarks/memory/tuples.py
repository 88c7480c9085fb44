# A list of a million 2-tuples.

pairs = [(i, i + 1) for i in range(1_000_000)]
total = 0
for a, b in pairs:
    total += b - a
print(len(pairs), total)
