"""Results and messages of dict and set operations."""


def t(f):
    try:
        text = repr(f())
    except BaseException as e:
        text = type(e).__name__ + " " + str(e)
    show(text)


def show(*args):
    text = " ".join(map(str, args))
    out = ""
    while " at 0x" in text:
        before, _, text = text.partition(" at 0x")
        out += before
        while text and text[0] in "0123456789abcdef":
            text = text[1:]
    print(out + text)


d={}
class H:
    def __hash__(self): raise TypeError("boo")
class H2:
    def __hash__(self): raise ValueError("boo")
t(lambda: d[[]])
t(lambda: [] in d)
t(lambda: d.get([]))
t(lambda: d.pop([]))
t(lambda: d.pop([],1))
t(lambda: d.setdefault([],1))
t(lambda: d[H()])
t(lambda: d[H2()])
t(lambda: d.__setitem__([],1))
t(lambda: d.__delitem__([]))
t(lambda: {[]:1})
t(lambda: dict([([],1)]))
t(lambda: dict.fromkeys([[]]))
t(lambda: d.update([([],1)]))
t(lambda: d|{1:2})
s=set()
t(lambda: s.add([]))
t(lambda: [] in s)
t(lambda: s.discard([]))
t(lambda: s.remove([]))
t(lambda: {[]})
t(lambda: set([[]]))
t(lambda: s.add(H()))
t(lambda: s.add(H2()))
t(lambda: frozenset([[]]))
t(lambda:s.update([[]]))
t(lambda: s.difference([[]]))
t(lambda: s.intersection([[]]))
t(lambda: {1}.intersection([[]]))
t(lambda: {1}.difference([[]]))
t(lambda:{1}.isdisjoint([[]]))
t(lambda:{1}.issuperset([[]]))
t(lambda:{1}.symmetric_difference([[]]))
t(lambda:{1}.difference_update([[]]))
t(lambda: set() in s)
t(lambda: s.discard(set()))
t(lambda: s.remove(set()))
t(lambda: s.remove(1))
t(lambda:s.pop())
t(lambda:d.popitem())
t(lambda:d.pop(1))
t(lambda:d[1])
t(lambda:d.__delitem__(1));
t(lambda: dict(1))
t(lambda: dict([1]))
t(lambda: dict(["a"]))
t(lambda: dict([(1,2,3)]))
t(lambda: dict(1,2))
t(lambda: d.update(1))
t(lambda: d.update(1,2))
t(lambda: dict.fromkeys())
t(lambda: dict.fromkeys(1))
t(lambda: d|1)
t(lambda: d.__ior__([(1,2)]))
t(lambda: d.__or__(1))
t(lambda: {1:2}.keys() & 5)
t(lambda: {1:2}.keys() | 5)
t(lambda: {1:2}.keys() - 5)
t(lambda: {1:2}.keys() ^ [1,3])
t(lambda: 5 & {1:2}.keys())
t(lambda: [1] & {1:2}.keys())
t(lambda: {1:2}.keys() < 5)
t(lambda: {1:2}.keys() < [1])
t(lambda: {1:2}.keys() == {1})
t(lambda: {1:2}.items() == {(1,2)})
t(lambda: {1:2}.values() == {1:2}.values())
t(lambda: hash({}.keys()))
t(lambda: hash({}.items()))
t(lambda: {1:2}.keys().isdisjoint([1]))
t(lambda:{1:2}.keys().mapping)
t(lambda:{1:2}.values())
t(lambda:{1:2}.items())
t(lambda: hash(frozenset([1,2,3])))
t(lambda: hash(frozenset()))
t(lambda: hash(range(5)))
t(lambda: hash(range(0)))
t(lambda: hash(slice(1,2)))
t(lambda: hash((1,2)))
t(lambda: {1:[]}.items() & [(1,[])])
t(lambda: {1:[]}.items() | [])
t(lambda: {1:[]}.items() - [(1,[])])
t(lambda: {1:[]}.items() ^ {1:[]}.items())
t(lambda: {1:[]}.items() ^ {2:[]}.items())
t(lambda: (1,[]) in {1:[]}.items())
t(lambda: ([],1) in {1:[]}.items())
def mod():
    d={1:1}
    for k in d: d[2]=1
def mod2():
    d={1:1,2:2}
    for k in d: del d[k]; d[k+5]=1
def mod3():
    d={1:1}
    for k in d.items(): d[2]=1
def mod4():
    d={1:1,3:3}
    for k in reversed(d): d[2]=1
def mod5():
    d={1:1,3:3}
    for k in reversed(d.items()): del d[1]; d[9]=1
def mod6():
    d={1:1,3:3}
    i=iter(d); next(i); d[5]=1
    t(lambda: next(i)); t(lambda: next(i)); t(lambda:list(i)); show(i.__length_hint__())
def mod7():
    s={1}
    for k in s: s.add(2)
def mod8():
    d={1:1,3:3}
    i=iter(d); next(i); show(i.__length_hint__(), i.__reduce__()); show(list(i)); show(i.__reduce__(), i.__length_hint__())
    i=reversed(d.items()); show(i, i.__length_hint__(), i.__reduce__())
for m in mod,mod3,mod4,mod5,mod6,mod7,mod8: t(m)
t(lambda:{}.setdefault())
t(lambda:{}.get())
t(lambda:{}.get(1,2,3))
t(lambda:{}.pop())
t(lambda:{}.pop(1,2,3))
t(lambda:{}.setdefault(1,2,3))
t(lambda:{}.clear(1))
t(lambda:set(1))
t(lambda:set(1,2))
t(lambda:set(a=1))
t(lambda:frozenset(a=1))
t(lambda: frozenset(1,2))
t(lambda: {1}|[1])
t(lambda: {1}.union(1))
t(lambda: {1}<[1])
t(lambda: {1}<={1,2})
t(lambda:set().__ior__([1]))
t(lambda:{1}.__or__([1]))
t(lambda: {1}.add())
t(lambda: hash(set())); 
def f(): 
    s={1}; s|=[1]
t(f)
def f(): 
    s={1}; s-=[1]
t(f)
def f(): 
    d={}; d|=1
t(f)
def f(): 
    d={}; d|=[(1,2,3)]
t(f)
t(lambda: dict(a=1,**{'b':2}))
t(lambda: dict({1:2},a=3))
t(lambda: dict(None))
t(lambda: frozenset.__new__(set))
class K(dict):
    def __missing__(self,k): return k*2
t(lambda: K()[4])
t(lambda: K().get(4))
t(lambda:{1:2}.keys()-{1})
t(lambda: iter({1:1}.keys()))
t(lambda: iter({1:1}.values()))
t(lambda: iter({1:1}.items()))
t(lambda: reversed({1:1}.values()))
t(lambda: reversed({1:1}))
t(lambda: iter(set()))
t(lambda: type({}.keys())())
t(lambda:type(iter({}))())
t(lambda: type(iter(set()))())
d={}
d['x']=d
t(lambda:d)
t(lambda:d.items())
t(lambda:d.values()); 
class S(set): pass
class F(frozenset): pass
t(lambda: S([1])|{2})
t(lambda: sorted({2}|S([1])))
t(lambda:F([1]))
t(lambda:F([1])|{2})
t(lambda:S([1]).copy())
t(lambda: set())
t(lambda: frozenset())
t(lambda: S())
t(lambda: {1}.__reduce__())
t(lambda: F([1]).__reduce__())
t(lambda: iter({1}).__reduce__())
t(lambda: sorted({3,1}))
t(lambda: {1}.symmetric_difference_update({1,2}))
t(lambda: frozenset({1}).copy() )
t(lambda:{1}.difference())
t(lambda: {1}.intersection())
t(lambda: {1,2,3}.intersection([1,2],[2]))
t(lambda: {1,2,3}.difference([1],[2]))
t(lambda:{1}.issubset([1,2]))
t(lambda:{1}.issubset(1))
t(lambda: {1} in {frozenset({1})}); 
