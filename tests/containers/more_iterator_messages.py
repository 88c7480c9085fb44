"""Results and messages of iterators."""


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


class G:
    def __getitem__(self,i):
        if i>2: raise IndexError
        return i
    def __len__(self): return 3
class G2:
    def __getitem__(self,i): raise StopIteration
t(lambda: list(iter(G2())))
t(lambda: iter(G2()).__length_hint__())
t(lambda:iter(1,2))
t(lambda:iter(1))
t(lambda: iter())
t(lambda: iter(1,2,3))
t(lambda:enumerate())
t(lambda:enumerate(1))
t(lambda:enumerate([1],2,3))
t(lambda:enumerate([1],start=2))
t(lambda:list(enumerate(iterable=[1],start=2)))
t(lambda:enumerate([1],foo=1))
t(lambda:enumerate([1],"a"))
t(lambda:enumerate([1],1.5))
t(lambda:list(enumerate("ab",10**30)))
t(lambda:enumerate("ab",3).__reduce__()[1][1:])
t(lambda: enumerate(start=1))
t(lambda: enumerate([1],start=1,foo=2))
t(lambda: list(enumerate(start=1,iterable=[5])))
t(lambda:list(enumerate([1,2],2**62)))
t(lambda:list(enumerate([1,2],2**63-1)))
t(lambda: enumerate.__class_getitem__(int))
t(lambda:zip(1))
t(lambda:zip([1],1))
t(lambda:list(zip()))
t(lambda:list(zip([1],[2],strict=True)))
t(lambda:list(zip([1,2],[2],strict=True)))
t(lambda:list(zip([1],[2,3],strict=True)))
t(lambda:list(zip([1],[2],[3,4],strict=True)))
t(lambda:list(zip([1,2],[2,3],[3],strict=True)))
t(lambda:zip(foo=1))
t(lambda:zip([1],strict=1,foo=2))
t(lambda:zip([1]).__reduce__())
t(lambda:zip([1],strict=True).__reduce__())
z=zip([1])
z.__setstate__(1)
show(z.__reduce__())
z.__setstate__(0)
show(z.__reduce__())
t(lambda: z.__setstate__("a"))
t(lambda:list(zip([1],[],strict=True)))
t(lambda: list(zip([],[1],strict=True)))
t(lambda: list(zip([1,2],[3,4],[],strict=True)))
t(lambda:map())
t(lambda:map(int))
t(lambda:map(int,1))
t(lambda:list(map(lambda a,b:a+b,[1,2],[3])))
t(lambda:list(map(lambda a,b:a+b,[1,2],[3],strict=True)))
t(lambda:list(map(lambda a,b:a+b,[1],[3,4],strict=True)))
t(lambda:list(map(lambda a,b,c:a,[1],[3],[4,5],strict=True)))
t(lambda:map(int,[1],foo=1))
t(lambda:map(int,[1]).__reduce__()[1])
t(lambda:map(int,[1],strict=True).__reduce__())
t(lambda:list(map(1,[1])))
t(lambda: map(strict=True))
t(lambda:filter())
t(lambda:filter(None))
t(lambda:filter(None,1))
t(lambda:filter(None,[1],2))
t(lambda:list(filter(None,[0,1,2])))
t(lambda:list(filter(bool,[0,1])))
t(lambda:filter(None,[1]).__reduce__())
t(lambda:filter(None,[1],a=1))
t(lambda: filter(function=None, iterable=[]))
t(lambda:reversed())
t(lambda:reversed(1))
t(lambda:reversed({1}))
t(lambda:reversed(G()))
t(lambda:list(reversed(G())))
t(lambda:reversed([1],2))
t(lambda:reversed(a=1))
r=reversed(G())
show(r.__length_hint__(), r.__reduce__()); next(r)
show(r.__length_hint__(), r.__reduce__()); r.__setstate__(10)
show(list(r), r.__reduce__(), r.__length_hint__())
t(lambda:reversed("abc"))
t(lambda:list(reversed((1,2))))
t(lambda:reversed(sequence=[1]))
class R:
    __reversed__=None
    def __len__(self):return 1
    def __getitem__(self,i): return 1
t(lambda:reversed(R()))
class RR:
    def __reversed__(self): return 5
t(lambda:reversed(RR()))
class L1:
    def __getitem__(self,i): return 1
t(lambda:reversed(L1()))
class EE(enumerate): pass
t(lambda: list(EE([1])))
t(lambda: EE([1],foo=1)); 
class MM(map):
    def __init__(self,*a,**k): pass
t(lambda: list(MM(int,[1],foo=1)))
t(lambda: list(zip(*[iter([1,2,3,4])]*2))); 
t(lambda: type(iter([]))([]))
t(lambda:type(iter(range(1)))())
t(lambda:type(iter(()))())
t(lambda: type(reversed([]))())
show(type(iter([])), type(iter(())), type(iter(range(1))), type(iter(range(10**20))), type(reversed([])), type(iter(G())), type(iter(int,1)), type(iter(set())), type(iter({})), type(reversed({}.items())))
def f():
    l=[1,2,3]; i=iter(l); next(i); del l[:]; show(list(i), i.__length_hint__())
    l.append(1); show(list(i))
f()
