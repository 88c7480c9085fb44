# The csv module: dialects, readers, writers and what they refuse.
import _csv
import csv
import io

def t(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e)


def W(*rows, **k):
    s=io.StringIO(); w=csv.writer(s, **k)
    for r in rows: w.writerow(r)
    return s.getvalue()
def Rd(text, **k): return list(csv.reader(text if isinstance(text,list) else text.splitlines(True), **k))


t(
    lambda: W([1,2.5,None,'a"b','c,d','e\nf']),
    lambda: W(['a'],[''],[None],[]),
    lambda: W([1,'a',None,2.5],quoting=csv.QUOTE_NONNUMERIC),
    lambda: W([1,'a',None],quoting=csv.QUOTE_ALL),
    lambda: W([1,'a',None,''],quoting=csv.QUOTE_STRINGS),
    lambda: W([1,'a',None,''],quoting=csv.QUOTE_NOTNULL),
    lambda: W(['a,b'],quoting=csv.QUOTE_NONE),
    lambda: W(['a,b"\\'],quoting=csv.QUOTE_NONE,escapechar='\\'),
    lambda: W(['a"b'],doublequote=False),
    lambda: W(['a"b'],doublequote=False,escapechar='\\'),
    lambda: W(3),
    lambda: W('abc',delimiter=';',lineterminator='|'),
    lambda: W([''],quoting=csv.QUOTE_NONE),
    lambda: W([' a','b '],delimiter=' '),
    lambda: W([' a'],skipinitialspace=True,delimiter=' '),
)
t(
    lambda: Rd('a,b\n"c ""d""",e\n'),
    lambda: Rd('"a\nb",c'),
    lambda: Rd('a,"b',strict=True),
    lambda: Rd('"a"b,c'),
    lambda: Rd('"a"b,c',strict=True),
    lambda: Rd('a\\,b,c',escapechar='\\'),
    lambda: Rd('1,"2",a',quoting=csv.QUOTE_NONNUMERIC),
    lambda: Rd('1,"2"',quoting=csv.QUOTE_NONNUMERIC),
    lambda: Rd('1,,"",x',quoting=csv.QUOTE_STRINGS),
    lambda: Rd('1,,"",x',quoting=csv.QUOTE_NOTNULL),
    lambda: Rd('a"b,"c"',quoting=csv.QUOTE_NONE),
    lambda: Rd(' a, b',skipinitialspace=True),
    lambda: Rd([b'a']),
    lambda: Rd(['a\rb']),
    lambda: Rd(['a\r\nb']),
    lambda: Rd(['a\n','b\r','\r\n','','x,']),
    lambda: Rd('a'*200000),
    lambda: Rd("'a,b',c",quotechar="'"),
    lambda: csv.reader(3),
    lambda: csv.writer(3),
)
t(
    lambda: csv.writer(io.StringIO(),delimiter='ab'),
    lambda: csv.writer(io.StringIO(),delimiter=''),
    lambda: csv.writer(io.StringIO(),delimiter=1),
    lambda: csv.writer(io.StringIO(),delimiter=None),
    lambda: csv.writer(io.StringIO(),quotechar=''),
    lambda: csv.writer(io.StringIO(),quotechar=None,quoting=csv.QUOTE_NONE).dialect.quotechar,
    lambda: csv.writer(io.StringIO(),quoting=9),
    lambda: csv.writer(io.StringIO(),quoting='x'),
    lambda: csv.writer(io.StringIO(),lineterminator=None),
    lambda: csv.writer(io.StringIO(),lineterminator=3),
    lambda: csv.writer(io.StringIO(),delimiter='"'),
    lambda: csv.writer(io.StringIO(),delimiter='\n'),
    lambda: csv.writer(io.StringIO(),dialect='nope'),
    lambda: csv.writer(io.StringIO(),foo=1),
    lambda: csv.get_dialect('nope'),
    lambda: csv.unregister_dialect('nope'),
    lambda: csv.register_dialect(3,'excel'),
    lambda: csv.field_size_limit(),
    lambda: csv.field_size_limit('a'),
    lambda: csv.field_size_limit(100),
    lambda: csv.field_size_limit(),
    lambda: csv.list_dialects(),
    lambda: csv.register_dialect('x',delimiter=';'),
    lambda: csv.get_dialect('x').delimiter,
    lambda: csv.get_dialect('x').__class__,
    lambda: _csv.Dialect(delimiter='|').delimiter,
    lambda: _csv.Dialect(escapechar='').escapechar,
    lambda: _csv.Dialect(escapechar=5),
    lambda: _csv.Dialect(quotechar='ab'),
    lambda: _csv.Dialect(lineterminator='zz').lineterminator,
    lambda: _csv.Dialect(escapechar='"'),
    lambda: _csv.Dialect(lineterminator=','),
    lambda: csv.register_dialect(),
    lambda: _csv.reader(),
    lambda: _csv.Dialect().delimiter.__class__,
    lambda: setattr(_csv.Dialect(),'delimiter','x'),
    lambda: _csv.Reader(),
    lambda: list(csv.reader(['abc\0d'])),
    lambda: _csv.Dialect(strict=1).strict,
)
w = io.StringIO()
d = csv.DictWriter(w, ["a", "b"])
d.writeheader()
d.writerows([{"a": 1, "b": "x,y"}])
print(repr(w.getvalue()), list(csv.DictReader(w.getvalue().splitlines())))
print(csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter)
