# Arrays of numbers and characters.
import array
import copy
import io

A = array.array


def t(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e)


def m(a, f):
    r = f(a)
    return r, a


def s(f):
    x = A("i", range(6))
    f(x)
    return x


a = A("i", [3, 1, 2])
t(
    lambda: A('i'),
    lambda: A('i',[1,2]),
    lambda: A('x'),
    lambda: A('ii'),
    lambda: A(1),
    lambda: A(),
    lambda: A('i',3),
    lambda: A('i',[1.5]),
    lambda: A('b',[200]),
    lambda: A('B',[-1]),
    lambda: A('B',[256]),
    lambda: A('h',[1<<20]),
    lambda: A('H',[1<<20]),
    lambda: A('H',[-1]),
    lambda: A('i',[1<<40]),
    lambda: A('I',[1<<40]),
    lambda: A('I',[-1]),
    lambda: A('q',[1<<70]),
    lambda: A('Q',[1<<70]),
    lambda: A('Q',[-1]),
    lambda: A('l',[1<<70]),
    lambda: A('L',[1<<70]),
    lambda: A('L',[-1]),
    lambda: A('f',['a']),
    lambda: A('d',[1,2.5]),
    lambda: A('w','aé'),
    lambda: A('w',['a','bc']),
    lambda: A('w',[1]),
    lambda: A('i','ab'),
    lambda: A('i',b'\1\0\0\0'),
    lambda: A('i',b'\1\0\0'),
    lambda: A('i',A('b',[1,2])),
    lambda: A('w',A('i',[1])),
    lambda: A('i',A('w','a')),
    lambda: A('d',(x for x in (1,2))),
    lambda: A('b',bytearray(b'ab')),
    lambda: A('i',a=1),
    lambda: A('i',[1],2),
)
t(
    lambda: a[0],
    lambda: a[-1],
    lambda: a[3],
    lambda: a['x'],
    lambda: a[1:],
    lambda: a[::-1],
    lambda: a[::2],
    lambda: m(A('i',a), lambda x: x.append(5)),
    lambda: m(A('i',a), lambda x: x.append('5')),
    lambda: m(A('i',a), lambda x: x.extend([7,8])),
    lambda: m(A('i',a), lambda x: x.extend(A('i',[9]))),
    lambda: m(A('i',a), lambda x: x.extend(A('b',[9]))),
    lambda: m(A('i',a), lambda x: x.fromlist([1,'a'])),
    lambda: A('i',a).fromlist(3),
    lambda: m(A('i',a), lambda x: x.frombytes(b'abcd')),
    lambda: A('i',a).frombytes(b'abc'),
    lambda: A('i',a).frombytes('abc'),
    lambda: m(A('w','x'), lambda x: x.fromunicode('yz')),
    lambda: A('i').fromunicode('a'),
    lambda: A('i').tounicode(),
    lambda: A('w','héy').tounicode(),
    lambda: a.tolist(),
    lambda: a.tobytes(),
    lambda: a.index(2),
    lambda: a.index(9),
    lambda: a.index(3,1),
    lambda: a.count(1),
    lambda: m(A('i',a), lambda x: x.insert(1,9)),
    lambda: m(A('i',a), lambda x: x.insert(-9,9)),
    lambda: m(A('i',a), lambda x: x.pop()),
    lambda: m(A('i',a), lambda x: x.pop(0)),
    lambda: A('i').pop(),
    lambda: a.pop(9),
    lambda: m(A('i',a), lambda x: x.remove(1)),
    lambda: a.remove(99),
    lambda: m(A('i',a), lambda x: x.reverse()),
    lambda: m(A('h',[1,2]), lambda x: x.byteswap()),
    lambda: m(A('i',a), lambda x: x.clear()),
    lambda: a+a,
    lambda: a+[1],
    lambda: a+A('b',[1]),
    lambda: a*2,
    lambda: 2*a,
    lambda: a*-1,
    lambda: a*'x',
    lambda: a*(1<<62),
    lambda: 1 in a,
    lambda: 9 in a,
    lambda: list(a),
    lambda: a==A('i',[3,1,2]),
    lambda: a==A('d',[3,1,2]),
    lambda: a<A('i',[3,2]),
    lambda: a==[3,1,2],
    lambda: a!=A('i'),
    lambda: a.itemsize,
    lambda: a.typecode,
    lambda: a.__reduce_ex__(3),
    lambda: a.__reduce_ex__(2),
    lambda: A('w','a').__reduce_ex__(2),
    lambda: a.__copy__(),
    lambda: memoryview(a).tolist(),
    lambda: memoryview(a).format,
    lambda: bytes(a),
    lambda: bytearray(a),
    lambda: a.buffer_info()[1],
    lambda: bool(A('i')),
    lambda: len(a),
    lambda: repr(A('d',[1.5])),
    lambda: repr(A('w','x"')),
    lambda: A.__class_getitem__(int),
    lambda: m(A('i',a), lambda x: x.__iadd__(A('i',[1]))),
    lambda: m(A('i',a), lambda x: x.__iadd__([1])),
    lambda: m(A('i',a), lambda x: x.__imul__(2)),
    lambda: array._array_reconstructor(A,'i',0,b'\1'),
    lambda: array._array_reconstructor(A,'i',9,b'\0\0\0\1'),
    lambda: array._array_reconstructor(A,'h',8,b'abc'),
    lambda: array._array_reconstructor(A,'i',99,b''),
)
t(
    lambda: s(lambda x:x.__setitem__(0,9)),
    lambda: s(lambda x:x.__setitem__(9,9)),
    lambda: s(lambda x:x.__setitem__(0,'a')),
    lambda: s(lambda x:x.__setitem__(slice(1,3),A('i',[7,8,9]))),
    lambda: s(lambda x:x.__setitem__(slice(1,3),[7])),
    lambda: s(lambda x:x.__setitem__(slice(1,3),A('b',[7]))),
    lambda: s(lambda x:x.__setitem__(slice(None,None,2),A('i',[7,8,9]))),
    lambda: s(lambda x:x.__setitem__(slice(None,None,2),A('i',[7]))),
    lambda: s(lambda x:x.__delitem__(0)),
    lambda: s(lambda x:x.__delitem__(slice(1,3))),
    lambda: s(lambda x:x.__delitem__(slice(None,None,2))),
    lambda: s(lambda x:x.__delitem__(slice(None,None,-2))),
    lambda: s(lambda x:x.__delitem__(9)),
    lambda: s(lambda x:x.__setitem__('a',1)),
    lambda: s(lambda x:x.__setitem__(slice(2,2),x)),
)
x = A("i", [1])
v = memoryview(x)
t(lambda: x.append(1), lambda: v.__setitem__(0, 5), lambda: x, lambda: v.release(), lambda: x.append(2), lambda: x)
it = iter(A("i", [1, 2]))
t(lambda: next(it), lambda: it.__reduce__()[0].__name__, lambda: next(it), lambda: next(it), lambda: type(it))


class Sub(A):
    pass


for code in "bBwhHiIlLqQfd":
    x = A(code, "xy" if code == "w" else [1, 2])
    for p in range(6):
        f, args = x.__reduce_ex__(p)[:2]
        assert f(*args) == x, (code, p)
    print(code, x.itemsize, copy.copy(x) == x, copy.deepcopy(x) == x, memoryview(x).format, memoryview(x).nbytes)
y = Sub("i", [1])
y.note = 1
print(y, type(y[:]), y.__reduce_ex__(3)[2])
f = io.BytesIO()
a.tofile(f)
f.seek(0)
b = A("i")
b.fromfile(f, 2)
print(b)
t(lambda: b.fromfile(f, 5), lambda: b)
