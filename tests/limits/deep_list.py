# A list nested 500,000 deep is built and freed.
DEPTH = 500_000
nested = []
for _ in range(DEPTH):
    nested = [nested]
print("built")
depth = 0
level = nested
while level:
    level = level[0]
    depth += 1
print("depth", depth)
del level
del nested
print("freed")
nested = None
for _ in range(DEPTH):
    nested = (nested,)
print("tuples built")
nested = None
print("tuples freed")
