# An uncaught BaseException of one's own is reported like any other.
class Stop(BaseException):
    pass


def run():
    try:
        raise Stop("not an Exception", 2)
    except Exception:
        print("never")
    finally:
        print("finally")


run()
