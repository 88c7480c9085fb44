# gc.get_referents shows what an object holds, gc.get_referrers who holds it.
import gc

leaf = []
holder = [leaf, "text"]
table = {"k": leaf}
print("list", [type(o).__name__ for o in gc.get_referents(holder)])
print("leaf is one of them", any(o is leaf for o in gc.get_referents(holder)))
print("dict", any(o is leaf for o in gc.get_referents(table)))
referrers = gc.get_referrers(leaf)
print("held by the list", any(o is holder for o in referrers))
print("held by the dict", any(o is table for o in referrers))
print("held by the module", any(o is globals() for o in referrers))
del referrers, table
print("still by the list", any(o is holder for o in gc.get_referrers(leaf)))
print("numbers refer to nothing", gc.get_referents(1, "a", None))
