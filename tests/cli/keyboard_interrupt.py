# golden: hognose
# An uncaught KeyboardInterrupt prints its traceback; the process ends as if by the signal.
def work():
    for step in range(3):
        print("step", step)
        if step == 1:
            raise KeyboardInterrupt


try:
    work()
except Exception:
    print("never: KeyboardInterrupt is no Exception")
finally:
    print("finally")
