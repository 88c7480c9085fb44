# The sieve of Eratosthenes over a list of booleans, with slices and with loops.


def sieve_loop(n):
    prime = [True] * (n + 1)
    prime[0] = prime[1] = False
    i = 2
    while i * i <= n:
        if prime[i]:
            for j in range(i * i, n + 1, i):
                prime[j] = False
        i += 1
    count = 0
    for p in prime:
        if p:
            count += 1
    return count


def sieve_list(n):
    prime = [1] * (n + 1)
    total = 0
    for i in range(2, n + 1):
        if prime[i]:
            total += i
            j = i * i
            while j <= n:
                prime[j] = 0
                j += i
    return total


print(sieve_loop(8_000_000), sieve_list(4_000_000))
