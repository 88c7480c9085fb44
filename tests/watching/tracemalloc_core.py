# The primitives behind tracemalloc: what is traced, by whom, and what stops.
import _tracemalloc as t

print(t.is_tracing(), t.get_traced_memory(), t._get_traces(), t.get_traceback_limit())
t.start(3)
print(t.is_tracing(), t.get_traceback_limit())


def make(n):
    return [str(i) * 30 for i in range(1000, 1000 + n)]


def outer():
    return make(200)


kept = outer()
name = lambda frames: [line for file, line in frames if file == __file__]
print(name(t._get_object_traceback(kept[7])))
ours = [trace for trace in t._get_traces() if trace[2][0] == (__file__, 10)]
print(len(ours) >= 200, {len(trace) for trace in ours}, {trace[0] for trace in ours})
print(all(trace[1] > 0 for trace in ours), {trace[3] for trace in ours})
live, peak = t.get_traced_memory()
print(0 < live <= peak)
again = outer()
again = None
live2, peak2 = t.get_traced_memory()
print(peak2 > live2, live2 < peak)
t.reset_peak()
print(t.get_traced_memory()[1] < peak2)
print(t.get_tracemalloc_memory() > 0)
t.clear_traces()
print(t._get_object_traceback(kept[7]), t.get_traced_memory()[0] < 2000)
t.start(9)
print(t.get_traceback_limit())
t.stop()
print(t.is_tracing(), t.get_traced_memory(), t._get_object_traceback(kept[7]), t.get_traceback_limit())
for n in (0, 65536, -1):
    try:
        t.start(n)
    except ValueError as e:
        print(e)
