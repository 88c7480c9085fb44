"""cmath: special values, branch cuts, arguments of other types, and messages; the inverse normal distribution."""
import cmath
import math
import statistics

VALUES = [-math.inf, -2.3, -0.0, 0.0, 2.3, math.inf, math.nan]


def t(f, *args, **options):
    try:
        return f(*args, **options)
    except Exception as e:
        return f'{type(e).__name__}: {e}'


def short(z):
    if isinstance(z, complex):
        return f'{z.real:.12g} {z.imag:.12g}'
    return f'{z:.12g}' if isinstance(z, float) else str(z)


for name in ('acos acosh asin asinh atan atanh cos cosh exp log log10 phase sin sinh sqrt tan tanh '
             'isnan isinf isfinite').split():
    f = getattr(cmath, name)
    for a in VALUES:
        print(name, a, [short(t(f, complex(a, b))) for b in VALUES])
for a in VALUES:
    print('rect', a, [short(t(cmath.rect, a, b)) for b in VALUES])
for z in (1e308 + 1e308j, 1e-310 + 1e-310j, 750 + 1j, -750 + 1j, 1 + 1e-200j):
    print(z, [short(t(getattr(cmath, n), z)) for n in ('sqrt', 'log', 'acos', 'asinh', 'atanh', 'exp', 'cosh', 'sinh', 'tanh')])


class AsComplex:
    def __complex__(self):
        return 1 + 2j


class Wrong:
    def __complex__(self):
        return 1


class AsFloat:
    def __float__(self):
        return 2.5


class AsIndex:
    def __index__(self):
        return 3


for x in (AsComplex(), Wrong(), AsFloat(), AsIndex(), True, 10**400, 'a', None):
    print(short(t(cmath.sqrt, x)))
print(t(cmath.log, 0), t(cmath.log, 2, 1), t(cmath.log, 2, 0), short(t(cmath.log, 8, 2)), t(cmath.log, 1, 2, 3))
print(t(cmath.polar, 3 + 4j), t(cmath.polar, 1.7e308 + 1.7e308j), t(cmath.rect, 1j, 1), t(cmath.phase, 1e200 + 1e-310j))
print(t(cmath.isclose, 1, 1 + 1e-10j), t(cmath.isclose, 1, 2, rel_tol=-1), t(cmath.isclose, 1, 1.5, abs_tol=1), t(cmath.isclose, cmath.inf, 1))
print(cmath.infj, cmath.nanj, cmath.pi, cmath.tau, cmath.e)
z = complex('nan+nanj')
print(complex.from_number(z) is z)
normal = statistics.NormalDist(1, 2)
print([f'{normal.inv_cdf(p):.12g}' for p in (1e-300, 1e-20, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-16)])
from _statistics import _normal_dist_inv_cdf
print(t(_normal_dist_inv_cdf, 0, 0, 1), t(_normal_dist_inv_cdf, 1, 0, 1), t(_normal_dist_inv_cdf, 'a', 0, 1))
