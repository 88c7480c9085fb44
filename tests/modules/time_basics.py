# time: clocks that never go back, sleeping, and fixed points in time.
import time

previous = time.monotonic()
for _ in range(1000):
    now = time.monotonic()
    assert now >= previous
    previous = now
print(type(now).__name__, type(time.monotonic_ns()).__name__, type(time.perf_counter()).__name__)
print(type(time.time_ns()).__name__, time.process_time() >= 0)
start = time.perf_counter()
time.sleep(0.01)
print(time.perf_counter() - start >= 0.009, time.time() > 1_600_000_000)
print(abs(time.time_ns() / 1e9 - time.time()) < 5)
g = time.gmtime(0)
print(tuple(g), g.tm_year, g.tm_wday, g.tm_yday, g.tm_isdst)
print(tuple(time.gmtime(1_000_000_000))[:6], tuple(time.gmtime(-1))[:6])
print(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(86400)), time.strftime("%j %d/%m/%y %%", g))
for call in ("time.sleep(-1)", "time.sleep('a')", "time.sleep()", "time.gmtime('a')", "time.monotonic(1)"):
    try:
        eval(call)
    except (ValueError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
