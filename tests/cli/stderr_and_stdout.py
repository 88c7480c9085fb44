# Standard output and standard error are two streams.
import sys

print("to stdout")
print("to stderr", file=sys.stderr)
sys.stderr.write("written\n")
print("é€😀", file=sys.stderr)
print("end", end="", file=sys.stderr, flush=True)
print("stdout has a name", sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)
sys.stdout.write("no newline at the end")
