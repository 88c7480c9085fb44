"""Writing JSON: text of every kind of value, layout, and notes on what cannot be written."""
import json
from collections import OrderedDict, defaultdict
from enum import IntEnum
from json import dumps


def t(value, **options):
    try:
        print(ascii(dumps(value, **options)))
    except Exception as e:
        print(type(e).__name__, e, getattr(e, '__notes__', None))


class Odd:
    def __repr__(self):
        return 'Odd()'


class Number(IntEnum):
    ONE = 1


class Text(str):
    pass


class Float(float):
    def __repr__(self):
        return 'never shown'


for value in (
    None, True, False, 0, -1, 10**30, 1.5, 1e100, 0.1, -0.0, float('inf'), float('-inf'), float('nan'), '', 'a"b\\c/\x00\x1f\x7f', 'é€😀\ud800',
    '\n\r\t\b\f', [], (), {}, [1, [2, [3]]], (1, 2), {'a': 1, 'b': [None]}, {1: 2, 1.5: 3, True: 4, None: 5}, Number.ONE, {Number.ONE: 1},
    Text('sub'), {Text('k'): 1}, Float(2.5), [Float('inf')], OrderedDict(b=1, a=2), defaultdict(list, x=[1]),
    Odd(), [Odd()], {'k': Odd()}, {'k': [1, (2, Odd())]}, {Odd(): 1}, {(1, 2): 3}, b'bytes', {1, 2}, 1j,
):
    t(value)
t({'b': 1, 'a': [1, {'c': 2}]}, indent=2)
t({'b': 1, 'a': []}, indent='\t', sort_keys=True)
t([], indent=2)
t({Odd(): 1}, skipkeys=True, indent=2)
t({Odd(): 1, 'a': 2}, skipkeys=True)
t([1, 2, {'a': 3}], separators=(',', ':'))
t('é€', ensure_ascii=False)
t(float('nan'), allow_nan=False)
t({'x': [float('inf')]}, allow_nan=False)
t({float('inf'): 1}, allow_nan=False)
t({1: 1, 'a': 2}, sort_keys=True)
t([Odd()], default=repr)
t([Odd()], default=lambda o: {'odd': Odd})
t([Odd()], default=lambda o: o)
loop = []
loop.append(loop)
t(loop)
try:
    dumps(loop, check_circular=False)
except RecursionError:
    print('RecursionError')
loop = {}
loop['self'] = [loop]
t(loop)
try:
    deep = []
    for _ in range(1_000_000):
        deep = [deep]
    dumps(deep)
except RecursionError:
    print('RecursionError')
finally:
    del deep
quote, quote_ascii = json.encoder.encode_basestring, json.encoder.encode_basestring_ascii
print(ascii(quote('a"é\x7f\x01')), quote_ascii('a"é\x7f\x01😀'))
for f in (quote, quote_ascii):
    try:
        f(1)
    except TypeError as e:
        print(e)
