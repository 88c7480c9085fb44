# Conversions between huge integers and decimal text are limited.
import sys

print(sys.get_int_max_str_digits())
n = 10**4299
print(len(str(n)))
try:
    str(n * 10)
except ValueError as e:
    print(e)
try:
    int("1" * 4301)
except ValueError as e:
    print(e)
print("other bases have no limit", len(hex(n * 10)), int("f" * 5000, 16).bit_length())
sys.set_int_max_str_digits(0)
print("unlimited", len(str(10**5000)))
sys.set_int_max_str_digits(4300)
try:
    sys.set_int_max_str_digits(5)
except ValueError as e:
    print(e)
