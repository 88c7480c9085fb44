# Finalizers that run at exit see sys.is_finalizing(), those before do not.
import sys


class Probe:
    def __init__(self, name, finalizing):
        self.name, self.finalizing = name, finalizing

    def __del__(self):
        print(self.name, self.finalizing())


early = Probe("early", sys.is_finalizing)
del early
late = Probe("late", sys.is_finalizing)
ring = Probe("in a ring", sys.is_finalizing)
ring.me = ring
del ring
print("end of the program")
