# How many objects a dead class, a class with a __class__ cell and a traceback cycle are.
import gc


def plain_class():
    class Plain:
        pass


def class_with_cell():
    class WithCell:
        def method(self):
            return __class__


def traceback_cycle():
    try:
        raise ValueError
    except ValueError as e:
        kept = e


for make in (plain_class, class_with_cell, traceback_cycle):
    gc.collect()
    make()
    print(make.__name__, gc.collect())
