"""timedelta: construction, arithmetic, messages."""
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
import copy
import pickle


def t(f, *a, **k):
    try:
        print('ok', ascii(f(*a, **k)))
    except Exception as e:
        print(type(e).__name__, '|', ascii(str(e)))


u = timezone.utc
t(timedelta,'a')
t(timedelta,1,2,3,4,5,6,7,8)
t(timedelta,x=1)
t(timedelta,days=None)
t(timedelta,10**20)
t(timedelta,1e20)
t(timedelta,float('nan'))
t(timedelta,float('inf'))
t(timedelta,999999999,86400)
t(timedelta,10**5000)
t(timedelta, weeks=2**40)
t(lambda: timedelta(1)/0)
t(lambda: timedelta(1)//0)
t(lambda: timedelta(1)%timedelta(0))
t(lambda: divmod(timedelta(1),timedelta(0)))
t(lambda: timedelta(1)/0.0)
t(lambda: timedelta(1)/timedelta(0))
t(lambda: timedelta(1)//timedelta(0))
t(lambda: timedelta(1)*float('nan'))
t(lambda: timedelta(1)*float('inf'))
t(lambda: timedelta(1)/float('inf'))
t(lambda: timedelta.max*2)
t(lambda: timedelta.max+timedelta.max)
t(lambda: timedelta(1)+1)
t(lambda: timedelta(1)<1)
t(lambda: -timedelta.min)
t(lambda: abs(timedelta(-1)))
t(lambda: 1-timedelta(1))
t(lambda: timedelta(1)//1.5)
t(lambda: 1/timedelta(1))
class TD(timedelta): pass
t(TD,1)
t(lambda: TD(1)+TD(2))
t(lambda:+TD(1))
t(lambda: abs(TD(1)))
t(str, timedelta(-1,5,3))
t(repr,timedelta())
t(timedelta(1,2,3).__reduce__)
t(timedelta(1,2,3).__reduce_ex__,2)
