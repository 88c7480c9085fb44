# Infinity and not-a-number.
import math

inf, nan = float("inf"), float("nan")
print(inf, -inf, nan, inf + 1, inf - inf, inf * 0, inf / inf, 1 / inf, -1 / inf, inf**0, nan**0, 1**nan)
print(inf // 2, inf % 2, 5 % inf)
print(nan == nan, nan != nan, nan < 1, nan > 1, inf == inf, inf > 10**400, -inf < -(10**400))
print(inf == float("1e999"), nan is nan)
print(nan in [nan], [nan] == [nan], max(1, nan))
print(max(nan, 1) != max(nan, 1), min(inf, 3), sum([inf, 1]))
print(sorted([3, inf, -inf, 0]), bool(nan), bool(inf), hash(inf), hash(-inf), {inf: "k"}[inf], abs(-inf))
print(-nan, round(2.5, 400), repr(-nan))
print(math.isnan(nan), math.isinf(-inf), math.isfinite(1e308), math.inf, math.nan, math.copysign(1, -0.0))
print(math.copysign(0, -1), -0.0 == 0.0, str(-0.0), 0.0 * -1)
print(nan != nan and not nan == nan, complex(inf, nan), [x for x in (nan, inf, 1) if x == x])
print(inf.is_integer(), (-0.0).hex(), 1e308 + 1e308, -1e308 - 1e308, inf.hex(), nan.hex())
