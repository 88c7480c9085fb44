# The traceback chain: one entry per frame, innermost last.
def inner():
    raise ValueError("deep")


def middle():
    inner()


def outer():
    try:
        middle()
    except ValueError as e:
        raise RuntimeError("wrapped") from e


def entries(tb):
    while tb is not None:
        yield tb.tb_frame.f_code.co_name, tb.tb_lineno
        tb = tb.tb_next


try:
    outer()
except RuntimeError as e:
    print(list(entries(e.__traceback__)))
    print(list(entries(e.__cause__.__traceback__)))
    kept = e
print(list(entries(kept.__traceback__)))
try:
    raise kept
except RuntimeError as e:
    print(list(entries(e.__traceback__)))
try:
    raise kept.with_traceback(None)
except RuntimeError as e:
    print(list(entries(e.__traceback__)))
