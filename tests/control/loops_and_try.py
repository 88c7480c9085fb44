# break, continue and return through try, with and nested finally clauses.
log = []


class Note:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        log.append("+" + self.name)

    def __exit__(self, *exc):
        log.append("-" + self.name)


for i in range(4):
    try:
        with Note(str(i)):
            try:
                if i == 0:
                    continue
                if i == 2:
                    break
                log.append("body")
            finally:
                log.append("inner")
    finally:
        log.append("outer")
print(log)


def f():
    for a in range(3):
        try:
            for b in range(3):
                try:
                    if a == b == 1:
                        return a, b, "returned"
                    if b > a:
                        break
                finally:
                    log.append((a, b))
        except Exception:
            log.append("never")
        else:
            log.append("else")


log.clear()
print(f())
print(log)


def retry():
    attempts = 0
    while True:
        try:
            attempts += 1
            if attempts < 3:
                raise ValueError
            return attempts
        except ValueError:
            continue
        finally:
            if attempts == 2:
                attempts += 10


print(retry())
