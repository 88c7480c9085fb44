# Augmented assignment on names, items, attributes and slices.
a = 5
a += 2
a -= 1
a *= 3
a //= 2
a **= 2
a %= 50
a <<= 3
a >>= 1
a |= 1
a &= 0xFE
a ^= 0xF
print(a)
f = 7.0
f /= 2
print(f)
s = "ab"
s += "c"
s *= 2
print(s)
items = [1, 2]
alias = items
items += (3,)
items *= 2
print(alias, alias is items)
t = (1,)
old = t
t += (2,)
print(t, old)
d = {"n": 1}
d["n"] += 1
d |= {"m": 0}
print(d)
data = [1, 2, 3, 4]
data[1:3] += [9]
print(data)
st = {1, 2}
st |= {3}
st -= {1}
st ^= {3, 4}
print(sorted(st))
locked = ([],)
try:
    locked[0] += [1]
except TypeError as e:
    print(e, locked)
try:
    undefined += 1
except NameError as e:
    print(e)
x = [0, 1]
x[x[0]] += 5
print(x)
