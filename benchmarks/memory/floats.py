# A list of a million floats.

numbers = [i + 0.5 for i in range(1_000_000)]
print(len(numbers), sum(numbers))
