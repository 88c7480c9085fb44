"""Measures tools that watch memory, all on script.py, interleaved: processor time and peak RSS against the plain run.

    python3 benchmarks/watching/measure.py HOGNOSE PYTHON [RUNS]

PYTHON is a CPython; memray and memory_profiler are measured when it can import them. A figure is the median.
"""

import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "script.py")


def run(command):
    """Processor seconds and peak RSS in MiB of a command."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    return (usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024) if status == 0 else None


def profiled(folder):
    """script.py with its functions marked for memory_profiler, 100 times smaller: it takes minutes otherwise."""
    path = os.path.join(folder, "marked.py")
    with open(SCRIPT) as f:
        text = f.read().replace("def build", "@profile\ndef build").replace("def churn", "@profile\ndef churn")
    with open(path, "w") as f:
        f.write("from memory_profiler import profile\n" + text.replace("000_000", "0_000"))
    small = os.path.join(folder, "small.py")
    with open(SCRIPT) as f:
        text = f.read().replace("000_000", "0_000")
    with open(small, "w") as f:
        f.write(text)
    return path, small


def main():
    hognose, python = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory() as folder:
        dump = os.path.join(folder, "x.heap")
        marked, small = profiled(folder)
        rows = {
            "hognose": ([hognose, SCRIPT], None),
            "hognose -X tracemalloc (every allocation, exact)": ([hognose, "-X", "tracemalloc", SCRIPT], "hognose"),
            "hognose -X tracemalloc=16": ([hognose, "-X", "tracemalloc=16", SCRIPT], "hognose"),
            "hognose mem dump (exact, and the dump)": ([hognose, "mem", "dump", "-o", dump, SCRIPT], "hognose"),
            "cpython": ([python, SCRIPT], None),
            "cpython -X tracemalloc": ([python, "-X", "tracemalloc", SCRIPT], "cpython"),
            "cpython -X tracemalloc=16": ([python, "-X", "tracemalloc=16", SCRIPT], "cpython"),
            "memray run --trace-python-allocators": (
                [python, "-m", "memray", "run", "--trace-python-allocators", "-fqo", dump + ".bin", SCRIPT],
                "cpython",
            ),
            "cpython, 1/100 of the work": ([python, small], None),
            "memory_profiler, 1/100 of the work": ([python, marked], "cpython, 1/100 of the work"),
        }
        times = {name: [] for name in rows}
        for _ in range(runs):
            for name, (command, _) in rows.items():
                times[name].append(run(command))
    print("| run | seconds | MiB | time × | memory × |\n|---|---|---|---|---|")
    medians = {}
    for name, (_, base) in rows.items():
        found = [r for r in times[name] if r]
        if not found:
            print(f"| {name} | failed | | | |")
            continue
        seconds, mib = (statistics.median(column) for column in zip(*found))
        medians[name] = (seconds, mib)
        ratios = "| | |"
        if base in medians:
            ratios = f"| {seconds / medians[base][0]:.2f} | {mib / medians[base][1]:.2f} |"
        print(f"| {name} | {seconds:.2f} | {mib:.0f} {ratios}")


main()
