"""Reading JSON: values, hooks, numbers, and where each kind of mistake is found."""
import json
from json import JSONDecodeError, JSONDecoder, loads


def t(text, **options):
    try:
        print(ascii(text), '->', ascii(loads(text, **options)))
    except Exception as e:
        print(ascii(text), type(e).__name__, e, getattr(e, 'pos', None))


for text in (
    'null', ' true ', 'false', '0', '-0', '-0.0', '12', '1.5', '1e5', '1E-2', '-12.5e+3', 'NaN', 'Infinity', '-Infinity',
    '123456789012345678901234567890', '1.7976931348623157e309', '0.1', '"a"', '""', '"\\u00e9\\n\\t\\"\\\\\\/\\b\\f\\r"',
    '"\\ud834\\udd20"', '"\\ud834"', '"\\udd20x"', '"\\ud834\\u0041"', '"é€😀"', '[]', '[ ]', '[1, [2, [3]]]', '{}', '{ }',
    '{"a": 1, "b": [true, null]}', ' { "a" : { "b" : 2 } } ', '{"a": 1, "a": 2}',
    '', ' ', 'nul', 'tru', '-', '01', '1.', '.5', '1e', '+1', 'nan', '[', '[1', '[1,', '[1,]', '[1 2]', '[,1]', '{', '{"a"', '{"a":',
    '{"a":1', '{"a":1,', '{"a":1,}', '{"a" 1}', '{a: 1}', '{1: 2}', '{"a":1 "b":2}', '"', '"a', '"\\', '"\\x"', '"\\u12"', '"\\u12g4"',
    '"\\ud834\\u12"', '"\t"', '"\n"', 'é', '["é", x]', '{"é": é}', '1 2', '[1] x', 'null null',
):
    t(text)
t('"a\tb"', strict=False)
t('[1.5, 2]', parse_float=str, parse_int=lambda s: 'int ' + s)
t('[NaN, -Infinity]', parse_constant=lambda s: 'const ' + s)
t('{"a": {"b": 1}}', object_hook=lambda d: sorted(d.items()))
t('{"a": {"b": 1}, "a": 2}', object_pairs_hook=lambda pairs: pairs)
t('{}', object_pairs_hook=tuple)
t('1' * 5000)
keys = loads('[{"key": 1}, {"key": 2}]')
print(next(iter(keys[0])) is next(iter(keys[1])))
print(JSONDecoder().raw_decode('  [1] rest', 2), JSONDecoder().raw_decode('é"ü"', 1))
scan = json.scanner.make_scanner(JSONDecoder())
for args in (('1', 1), ('1', -1), ('[1,', 0), (1, 2), ('1',)):
    try:
        print(scan(*args))
    except (StopIteration, ValueError, TypeError) as e:
        print(type(e).__name__, e)
for args in ((1, 2), ('a', 5), ('a', -1), ('a"', 0), ('a', 0), ('a"b"', 2)):
    try:
        print(json.decoder.scanstring(*args))
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
try:
    loads('[' * 1_000_000)
except RecursionError:
    print('RecursionError')
try:
    loads('{"a":' * 1_000_000)
except RecursionError:
    print('RecursionError')
