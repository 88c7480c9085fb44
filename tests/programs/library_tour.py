# One program over much of the library: tasks, data, text, dates, tests and logs.
import argparse
import asyncio
import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import io
import json
import logging
import pathlib
import re
import sys
import tempfile
import threading
import typing
import unittest


@dataclasses.dataclass(order=True)
class Item:
    price: decimal.Decimal
    name: str = "thing"
    tags: list[str] = dataclasses.field(default_factory=list)


class Colour(enum.Flag):
    RED = enum.auto()
    GREEN = enum.auto()


class Point(typing.NamedTuple):
    x: int
    y: int = 2


async def double(n):
    await asyncio.sleep(0.001 * (5 - n))
    return n * 2


async def together():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(double(n)) for n in range(5)]
    return [t.result() for t in tasks]


class Tests(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(1 + 1, 2)

    def test_raises(self):
        with self.assertRaisesRegex(ValueError, "invalid literal"):
            int("x")


@functools.lru_cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


items = [Item(decimal.Decimal("2.50"), "pen"), Item(decimal.Decimal("1.10"), tags=["a"])]
print(sorted(items), dataclasses.asdict(items[1]))
print(Colour.RED | Colour.GREEN, Point(1), collections.Counter("banana").most_common(2))
print(asyncio.run(together()))
text = json.dumps({"items": [1, 2.5, None, True], "name": "é"}, indent=2)
print(text, json.loads(text))
print(re.sub(r"(?P<a>\w+) (?P<b>\w+)", r"\g<b> \g<a>", "hello world"), re.findall(r"\d+", "a1b22c333"))
print(datetime.date(2024, 2, 29) + datetime.timedelta(days=366), datetime.datetime(2024, 1, 2, 3, 4).isoformat())
print(fib(60), fib.cache_info())
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "a" / "b.txt"
    path.parent.mkdir()
    path.write_text("line 1\nline 2\n", encoding="utf-8")
    print(path.read_text().splitlines(), [p.name for p in pathlib.Path(folder).rglob("*")])
results = []
threads = [threading.Thread(target=lambda n=n: results.append(n)) for n in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results))
out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("captured")
print(repr(out.getvalue()))
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
logging.getLogger("shop").info("sold %d", 3)
parser = argparse.ArgumentParser(prog="tour")
parser.add_argument("--count", type=int, default=1)
print(parser.parse_args(["--count", "7"]))
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Tests)
result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
print(result)
