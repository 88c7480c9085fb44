# A line indented less than its block but more than its surroundings is refused.
print("never printed")


def f(x):
    if x:
        return 1
      return 2


for i in range(3):
    print(f(i))
