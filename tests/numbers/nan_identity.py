# Containers compare by identity first: two nans made apart are different objects, and so not equal.
nan = float("nan")
print(nan is nan, nan in [nan], [nan] == [nan], {nan: 1}[nan], [nan].count(nan))
print(float("nan") is nan, nan in [float("nan")], [float("nan")] == [float("nan")], len({nan, float("nan")}))
