# The math module: exact values, rounding functions, number theory and domain errors.
import math

print(math.pi, math.e, math.tau, math.sqrt(2), math.sqrt(16), math.isqrt(10**20 + 1))
print(round(math.cbrt(27), 12), math.exp(0), math.log(1), math.log2(8), math.log10(1000), math.log(8, 2))
print(math.log(10**400) > 900)
print(math.floor(2.7), math.ceil(2.1), math.trunc(-2.7), math.fabs(-3), math.fmod(-7, 3), math.modf(3.25))
print(math.frexp(8.0), math.ldexp(0.5, 4), math.copysign(3, -0.0), math.remainder(7, 4))
print(math.gcd(12, 18), math.gcd(), math.gcd(0, 5), math.gcd(2**100, 6**50) == 2**50, math.lcm(4, 6))
print(math.lcm(), math.factorial(20), math.comb(10, 3), math.perm(5, 2), math.perm(4))
print(math.prod([1, 2, 3, 4]), math.prod([], start=7))
print(math.hypot(3, 4), math.hypot(1, 2, 2), math.dist((0, 0), (3, 4)), math.degrees(math.pi))
print(math.radians(180) == math.pi, math.sin(0), math.cos(0), math.atan2(0, -1) == math.pi, math.tanh(0))
print(math.acos(1), round(math.sin(1), 12), round(math.tan(1), 12))
print(math.fsum([0.1] * 10), sum([0.1] * 10), math.isclose(0.1 + 0.2, 0.3), math.isclose(1, 1.1, rel_tol=0.2))
print(math.isclose(0, 1e-9, abs_tol=1e-8), math.nextafter(1, 2), math.ulp(1.0), math.gamma(5), math.erf(0))
print(math.expm1(0), math.log1p(0), math.sumprod([1, 2], [3, 4]), math.fma(2, 3, 4))
for call in (
    "math.sqrt(-1)", "math.log(0)", "math.log(-1)", "math.acos(2)", "math.factorial(-1)",
    "math.factorial(1.5)", "math.isqrt(-1)", "math.exp(1000)", "math.gcd(1.5)", "math.comb(-1, 2)",
    "math.floor(math.inf)", "math.ceil(math.nan)", "math.sqrt('x')", "math.fmod(1, 0)", "math.pow(0, -1)",
    "math.gamma(-1)", "math.hypot('a')", "math.sin()", "math.log(0.0)", "math.fsum([1e308, 1e308])",
):
    try:
        print(call, eval(call))
    except (ValueError, OverflowError, TypeError) as e:
        print(call, "->", type(e).__name__, e)
