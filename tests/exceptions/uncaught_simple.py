# An uncaught exception prints the chain of calls with the failing part marked.
def divide(a, b):
    return a / b


def average(numbers):
    total = sum(numbers)
    return divide(total, len(numbers) - 3)


class Report:
    def __init__(self, data):
        self.data = data

    def text(self):
        return "mean " + str(average(self.data))


print("before")
print(Report([1, 2, 3]).text())
print("never")
