# Integer arithmetic in nested while and for loops.


def run(n):
    total = 0
    i = 0
    while i < n:
        j = 0
        while j < n:
            total += (i * j) & 7
            if j % 3 == 0:
                total -= 1
            j += 1
        for k in range(n):
            total ^= k + i
        i += 1
    return total


print(run(3000))
