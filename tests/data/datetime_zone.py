"""tzinfo and timezone."""
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
import copy
import pickle


def t(f, *a, **k):
    try:
        print('ok', ascii(f(*a, **k)))
    except Exception as e:
        print(type(e).__name__, '|', ascii(str(e)))


u = timezone.utc
z=None
class Z(tzinfo):
    def utcoffset(self,dt): return self.o
    def tzname(self,dt): return self.o
    def dst(self,dt): return self.o
z=Z(); z.o=timedelta(1)
q=tzinfo()
t(q.utcoffset,None)
t(q.tzname,None)
t(q.dst,None)
t(q.fromutc,1)
t(q.fromutc,datetime(1,1,1))
t(q.fromutc,datetime(1,1,1,tzinfo=q))
t(q.__reduce__)
t(z.__reduce__)
z.o=None
t(z.fromutc,datetime(1,1,1,tzinfo=z))
t(timezone)
t(timezone,1)
t(timezone,timedelta(0))
t(timezone,timedelta(1))
t(timezone,timedelta(hours=-24))
t(timezone,timedelta(0),'a')
t(timezone,timedelta(0),1)
t(timezone,timedelta(0),None)
t(timezone,timedelta(0),'a',1)
t(timezone,offset=timedelta(hours=1),name='x')
t(str,timezone(timedelta(hours=-1,seconds=1)))
t(str,timezone(timedelta(0,1,2)))
t(repr,timezone(timedelta(hours=1)))
t(lambda:timezone(timedelta(0)) is timezone.utc)
t(u.utcoffset,1)
t(u.tzname,1)
t(u.dst,1)
t(u.fromutc,1)
t(u.fromutc,datetime(1,1,1))
t(u.__getinitargs__)
t(u.__reduce__)
t(lambda: u==1)
t(lambda: u<u)
t(lambda: type('A',(timezone,),{}))
t(lambda: UTC is u)
t(lambda: timezone.min)
t(lambda: timezone.max)
