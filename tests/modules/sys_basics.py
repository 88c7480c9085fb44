# Attributes of sys that are the same on every machine.
import sys

print(sys.argv, sys.byteorder, sys.maxsize, sys.maxunicode, sys.version_info[:2], sys.version_info.major)
print(sys.version_info >= (3, 14), sys.hexversion >> 16 == 0x030E)
print(sys.getrecursionlimit(), sys.getdefaultencoding(), sys.flags.optimize, sys.float_info.max)
print(sys.float_info.epsilon, sys.float_info.dig, sys.int_info.default_max_str_digits)
print(sys.hash_info.modulus == 2**61 - 1, sys.hash_info.inf)
print("sys" in sys.modules, "__main__" in sys.modules, sys.modules["sys"] is sys)
print("builtins" in sys.builtin_module_names, sys.modules["__main__"].__dict__ is globals())
print(isinstance(sys.path, list), type(sys.implementation.name).__name__)
print(sys.stdout.write("abc\n"), sys.intern("abc") is sys.intern("abc"), sys.is_finalizing())
print(sys.getsizeof([]) > 0, sys.getsizeof([1] * 100) > sys.getsizeof([1]), sys.exc_info(), sys.exception())
frame = sys._getframe()
print(frame.f_code.co_name, frame.f_lineno, frame.f_globals is globals(), frame.f_back)


def caller():
    return sys._getframe(1).f_code.co_name, sys._getframe().f_code.co_name


print(caller())
for call in (
    "sys.intern(5)", "sys.setrecursionlimit(0)", "sys.setrecursionlimit('a')", "sys._getframe(100)",
    "sys.missing", "sys.getsizeof()", "sys.exit(1, 2)", "sys.getrefcount()",
):
    try:
        eval(call)
    except (TypeError, ValueError, AttributeError) as e:
        print(call, "->", type(e).__name__, e)
