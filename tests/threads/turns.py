# Threads take turns at back edges and while they wait; each has its own exceptions, frames and locals.
import _thread
import sys
import time

sys.setswitchinterval(1e-4)
results = []
handles = []
counter = 0
lock = _thread.allocate_lock()


def work(n):
    global counter
    for i in range(2000):
        with lock:
            counter += 1
    try:
        raise ValueError(n)
    except ValueError as e:
        for i in range(3000):
            assert sys.exception() is e
    results.append(n)


for n in range(8):
    handles.append(_thread.start_joinable_thread(lambda n=n: work(n)))
for h in handles:
    h.join()
    assert h.is_done()
print(counter, sorted(results), sys.exception())

# One thread waits for another inside a lock.
order = []
gate = _thread.allocate_lock()
gate.acquire()


def waiter():
    order.append("waiting")
    gate.acquire()
    order.append("through")


h = _thread.start_joinable_thread(waiter)
while not order:
    time.sleep(0.001)
order.append("opened")
gate.release()
h.join()
print(order)

# A join with a timeout.
gate2 = _thread.allocate_lock()
gate2.acquire()
h = _thread.start_joinable_thread(gate2.acquire)
h.join(0.01)
print(h.is_done())
frames = sys._current_frames()
print(len(frames) >= 1, frames[_thread.get_ident()] is sys._getframe())
gate2.release()
h.join()
print(h.is_done())


# Frames of another thread can be looked at.
def inner(value):
    ready.release()
    done.acquire()


def outer():
    local = "seen"
    inner(local)


ready, done = _thread.allocate_lock(), _thread.allocate_lock()
ready.acquire(), done.acquire()
h = _thread.start_joinable_thread(outer)
ready.acquire()
f = sys._current_frames()[h.ident]
print(f.f_code.co_name, f.f_back.f_code.co_name, f.f_back.f_locals["local"], f.f_back.f_back)
done.release()
h.join()

# Deep recursion in a thread is an exception.
def deep(n):
    return deep(n + 1)


def catch():
    try:
        deep(0)
    except RecursionError as e:
        print("RecursionError", e)


_thread.start_joinable_thread(catch).join()


# Generators move between threads.
def gen():
    for i in range(4):
        yield i


g = gen()
got = []
for i in range(4):
    _thread.start_joinable_thread(lambda: got.append(next(g))).join()
print(got, next(g, "end"))


# What a thread does not catch.
def unraisable(args):
    print(args.err_msg.split(" at ")[0], args.exc_type.__name__, args.exc_value)


def fails():
    raise KeyError("x")


def leaves():
    sys.exit(3)


sys.unraisablehook = unraisable
_thread.start_joinable_thread(fails).join()
_thread.start_joinable_thread(leaves).join()
while _thread._count():
    time.sleep(0.001)
seen = _thread.allocate_lock()
seen.acquire()


def unraisable(args):
    print(args.err_msg.split(" at ")[0], args.exc_type.__name__, args.exc_value)
    seen.release()


sys.unraisablehook = unraisable
_thread.start_new_thread(fails, ())
seen.acquire()
while _thread._count():
    time.sleep(0.001)
print(_thread._count())
