"""time of day: construction, ISO forms, comparison, messages."""
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
import copy
import pickle


def t(f, *a, **k):
    try:
        print('ok', ascii(f(*a, **k)))
    except Exception as e:
        print(type(e).__name__, '|', ascii(str(e)))


u = timezone.utc
t(time)
t(time,24)
t(time,1,60)
t(time,1,1,60)
t(time,1,1,1,10**6)
t(time,1,fold=2)
t(time,1,tzinfo=1)
t(time,'a')
t(time,1,2,3,4,None,5)
t(time,b'\x01\x02\x03\x00\x00\x00')
t(time,b'\x01\x02\x03\x00\x00\x00',1)
t(time,b'\x81\x02\x03\x00\x00\x00')
t(time,b'\x19\x02\x03\x00\x00\x00')
t(time,1.5)
y=time(1,2,3,4,u)
t(repr,y)
t(str,y)
t(y.isoformat,'hours')
t(y.isoformat,'x')
t(y.isoformat,1)
t(y.isoformat,timespec=1)
t(y.isoformat,'hours',2)
t(y.utcoffset)
t(y.dst)
t(y.tzname)
t(y.replace,hour=5,fold=1)
t(y.replace,tzinfo=None)
t(y.replace,fold=3)
t(y.__reduce__)
t(y.__reduce_ex__,4)
t(y.replace(fold=1).__reduce_ex__,4)
t(y.replace(fold=1).__reduce_ex__,2)
t(y.__reduce_ex__,'a')
t(lambda: y<time(1))
t(lambda: y==time(1))
t(lambda: y<1)
t(bool,time(0))
t(y.strftime,'%H %z %Z %f %Y')
t(time.fromisoformat,'T04:05:06')
t(time.fromisoformat,'24:00')
t(time.fromisoformat,'24:01')
t(time.fromisoformat,'a')
t(time.fromisoformat,1)
t(time.fromisoformat,'01:02:03,5+01:00')
t(time.fromisoformat,'010203.123456789Z')
t(time.fromisoformat,'01:02:60')
t(time.fromisoformat,'01:0203')
t(time.fromisoformat,'01:02:03.')
t(time.fromisoformat,'01:02:03+24:00')
t(time.fromisoformat,'01:02:03+00:00:00.0001')
t(time.fromisoformat,'٠1:02')
class Z(tzinfo):
    def utcoffset(self,dt): return self.o
    def tzname(self,dt): return self.o
    def dst(self,dt): return self.o
z=Z(); z.o=5
for f in ('utcoffset','tzname','dst'): t(getattr(time(1,tzinfo=z),f))
t(getattr(datetime(1,1,1,tzinfo=z),f))
z.o=timedelta(1)
for f in ('utcoffset','tzname','dst'): t(getattr(time(1,tzinfo=z),f))
