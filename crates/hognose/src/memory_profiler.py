"""Stands in for memory_profiler: @profile marks functions for `hognose mem lines`, and costs nothing otherwise."""

__version__ = "0.61.0"
_profiled = []


def profile(func=None, stream=None, precision=1, backend="psutil"):
    if func is None:
        return profile
    _profiled.append(getattr(func, "__qualname__", str(func)))
    return func


def memory_usage(proc=-1, interval=0.1, timeout=None, max_usage=False, retval=False, **options):
    """MiB in use; for (function, args, kwargs): the peak while it runs."""
    from hognose import memory

    result = None
    if isinstance(proc, tuple):
        call = proc + ((), {})[len(proc) - 1 :]
        memory.reset_peak()
        result = call[0](*call[1], **call[2])
        used = memory.peak() / 1048576
    else:
        used = memory._used() / 1048576
    usage = used if max_usage else [used]
    return (usage, result) if retval else usage
