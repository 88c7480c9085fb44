# Objects that are still alive at exit are finalized, cycles as well.
import sys


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


kept = Noisy("global")
cycle = Noisy("cycle")
cycle.me = cycle
del cycle
print("finalizing", sys.is_finalizing())
print("last statement")
