# Locks: states, timeouts, misuse.
import _thread


def t(f, *args, **kw):
    try:
        print(repr(f(*args, **kw)))
    except BaseException as e:
        print(type(e).__name__, e)


def shown(lock):
    text = repr(lock)
    return text[: text.index(" at ")]


lock = _thread.allocate_lock()
print(shown(lock))
t(lock.acquire)
print(shown(lock), lock.locked())
t(lock.acquire, False)
t(lock.acquire, timeout=0.01)
t(lock.acquire, True, 0)
t(lock.release)
t(lock.release)
t(lock.acquire, False, 1)
t(lock.acquire, True, -2)
t(lock.acquire, True, 1e30)
t(lock.acquire, timeout="a")
with lock as x:
    print(x, lock.locked())
print(lock.locked())
print(type(lock), type(lock) is _thread.lock is _thread.LockType)
t(_thread.lock, 1)

r = _thread.RLock()
print(shown(r), r.locked())
t(r.release)
t(r.acquire)
t(r.acquire, False)
print(r._recursion_count(), r._is_owned(), r.locked())
state = r._release_save()
print(state[0], state[1] == _thread.get_ident(), shown(r))
t(r._acquire_restore, state)
t(r._acquire_restore, 3)
t(r.release)
t(r.release)
t(r.release)
t(r._release_save)

handle = _thread._ThreadHandle()
print(handle, handle.ident, handle.is_done())
t(handle.join)
t(handle._set_done)
t(_thread._make_thread_handle(_thread.get_ident()).join)
t(_thread.stack_size, 5)
t(_thread.stack_size, 1 << 20)
t(_thread.stack_size, 0)
t(_thread.stack_size)
t(_thread.start_new_thread, 1, 2)
t(_thread.start_new_thread, print, 2)
t(_thread.start_new_thread, print, (), 1)
t(_thread.start_joinable_thread, 1)
t(_thread.start_joinable_thread, print, handle=3)
print(_thread.error, _thread.TIMEOUT_MAX, _thread._count())
t(_thread.interrupt_main, 100)
try:
    _thread.interrupt_main()
    for i in range(10):
        pass
except KeyboardInterrupt:
    print("interrupted")
