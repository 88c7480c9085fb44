# else after while and for: only without a break.
def search(items, wanted):
    for item in items:
        if item == wanted:
            print("found", item)
            break
    else:
        print("not found", wanted)


search([1, 2, 3], 2)
search([1, 2, 3], 9)
search([], 1)
n = 5
while n > 0:
    n -= 1
    if n == 3:
        continue
    if n == 10:
        break
else:
    print("while ended with", n)
while True:
    n += 1
    if n > 3:
        break
else:
    print("never")
print(n)
for i in range(2, 12):
    for j in range(2, i):
        if i % j == 0:
            break
    else:
        print(i, end=" ")
print()
for i in range(3):
    pass
print("the variable stays", i)
for i in []:
    pass
else:
    print("else with no items", i)
while False:
    pass
else:
    print("else at once")
