# What programs hang into picklers: persistent ids, dispatch tables, overrides, buffers, memos, fast mode.
import copyreg
import io
import pickle


class Table:
    def __init__(self, key):
        self.key = key


class WithIds(pickle.Pickler):
    def persistent_id(self, obj):
        return ("table", obj.key) if isinstance(obj, Table) else None


class FromIds(pickle.Unpickler):
    def persistent_load(self, pid):
        return Table(pid[1].upper())

    def find_class(self, module, name):
        print("find", module, name)
        return super().find_class(module, name)


out = io.BytesIO()
WithIds(out).dump([Table("a"), Table("b"), complex])
out.seek(0)
got = FromIds(out).load()
print([getattr(g, "key", g) for g in got])
try:
    pickle.loads(out.getvalue())
except pickle.UnpicklingError as e:
    print(e)
try:
    p = pickle.Pickler(io.BytesIO(), 0)
    p.persistent_id = lambda obj: "\xe9"
    p.dump(1)
except pickle.PicklingError as e:
    print(e)


class Odd:
    def __init__(self, n):
        self.n = n


def reduce_odd(odd):
    return Odd, (odd.n + 100,)


p = pickle.Pickler(out := io.BytesIO())
try:
    p.dispatch_table
except AttributeError as e:
    print(e)
p.dispatch_table = copyreg.dispatch_table.copy()
p.dispatch_table[Odd] = reduce_odd
p.dump(Odd(1))
print(pickle.loads(out.getvalue()).n)


class Override(pickle.Pickler):
    dispatch_table = {Odd: reduce_odd}

    def reducer_override(self, obj):
        if isinstance(obj, Table):
            return Table, ("over",)
        return NotImplemented


Override(out := io.BytesIO()).dump([Odd(5), Table("x"), len])
odd, table, f = pickle.loads(out.getvalue())
print(odd.n, table.key, f)

buffers = []
array = bytearray(b"0123456789")
data = pickle.dumps([pickle.PickleBuffer(array), pickle.PickleBuffer(b"const")], 5, buffer_callback=buffers.append)
print(data, [bytes(b) for b in buffers])
got = pickle.loads(data, buffers=[bytearray(b.raw()) for b in buffers])
print(got[0], got[1].readonly, bytes(got[1]))
for given in ((), [b"x"]):
    try:
        pickle.loads(data, buffers=given)
    except pickle.UnpicklingError as e:
        print(e)
print(pickle.loads(pickle.dumps(pickle.PickleBuffer(array), 5)))
for bad in (lambda: pickle.dumps(pickle.PickleBuffer(b""), 4), lambda: pickle.dumps(1, 4, buffer_callback=print), lambda: pickle.PickleBuffer(1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
b = pickle.PickleBuffer(array)
print(memoryview(b).readonly, b.raw().tobytes())
b.release()
try:
    b.raw()
except ValueError as e:
    print(e)

p = pickle.Pickler(io.BytesIO())
shared = []
p.dump([shared, shared])
print(sorted(n for n, _ in p.memo.copy().values()), p.memo.__reduce__()[0])
p.clear_memo()
print(p.memo.copy())
for value in (1, {1: 2}):
    try:
        p.memo = value
    except TypeError as e:
        print(e)
u = pickle.Unpickler(io.BytesIO(pickle.dumps(["a", "b"])))
u.load()
print(u.memo.copy())
u.memo.clear()
print(u.memo.copy())
p = pickle.Pickler(out := io.BytesIO())
p.fast = True
p.dump([shared, shared])
print(out.getvalue())
shared.append(shared)
try:
    p.dump(shared)
except ValueError as e:
    print(str(e).partition(" at ")[0])


class Again:
    def __reduce__(self):
        p.dump(1)


try:
    (p := pickle.Pickler(io.BytesIO())).dump(Again())
except RuntimeError as e:
    print(e)
for make in (lambda: pickle.Pickler(1), lambda: pickle.Unpickler(1), lambda: pickle.Pickler(io.BytesIO(), 9), lambda: pickle.Pickler.__new__(pickle.Pickler).dump(1), lambda: pickle.Unpickler.__new__(pickle.Unpickler).load()):
    try:
        make()
    except Exception as e:
        print(type(e).__name__, e)


class Broken:
    def __reduce__(self):
        return self.what


for what in (1, (), (1, ()), (int, 1), (int, (), None, 1), (int, (), None, None, 2), (int, (), None, None, None, 3)):
    b = Broken()
    b.what = what
    try:
        pickle.dumps({"k": [b]})
    except pickle.PicklingError as e:
        print(e, e.__notes__)
for bad in (lambda: 0, (i for i in ())):
    try:
        pickle.dumps(bad)
    except Exception as e:
        print(type(e).__name__, str(e).partition(" at ")[0])

# What is assigned to a hook of an instance hides the class's, and can be deleted however often.
import _pickle

for made, hook in (_pickle.Pickler(io.BytesIO()), "persistent_id"), (_pickle.Unpickler(io.BytesIO()), "persistent_load"):
    delattr(made, hook)
    setattr(made, hook, len)
    print(getattr(made, hook))
    delattr(made, hook)
    delattr(made, hook)
    print(getattr(made, hook).__name__)
    for change in lambda: setattr(made, "memo", 3), lambda: delattr(made, "memo"):
        try:
            change()
        except TypeError as e:
            print(e)
