# A list of a million integers, none of them small.

numbers = [i + 1_000_000 for i in range(1_000_000)]
print(len(numbers), sum(numbers))
