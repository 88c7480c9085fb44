# Big integers: arithmetic, powers, comparison and text.
a, b = 2**100, 3**70
print(a, b, a + b, a - b, a * b, b // a, b % a, divmod(-b, a), -a, abs(-a), +a)
print(a**3 == 2**300, (a * b) // b == a, a & b, a | 1, a ^ a, ~a, a >> 90, a << 5, -a >> 99, -1 >> 1000)
print((-a) & 0xFFFF)
print(a.bit_length(), (-a).bit_length(), (0).bit_length(), b.bit_count(), (255).bit_count())
print((5).to_bytes(2, "big"), int.from_bytes(b"\x01\x00", "big"), int.from_bytes(b"\xff", signed=True))
print((-2).to_bytes(2, "little", signed=True))
print(a < b, a > 1e30, a == 2.0**100, a != a + 1, 10**18 + 1 == 1e18, 2**53 + 1 == float(2**53))
print(hash(2**61 - 1), hash(a) == hash(2.0**100))
f = 1
for i in range(1, 31):
    f *= i
print(f, str(f)[::-1][:5], len(str(f**20)), sum(map(int, str(f))))
print(hex(a), oct(64), bin(10), int("1" * 40), 1_000_000, 0xFF, 0o17, 0b11, -0x1F)
print((7).numerator, (7).denominator, (7).real, (7).imag, (7).conjugate(), (7).as_integer_ratio())
print((7).is_integer(), int().__class__)
