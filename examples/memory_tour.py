"""A tour of Python's memory management, for programmers who have never looked at it.

Run it with `hognose examples/memory_tour.py`. Every number is measured while the program runs.
"""

import gc
import sys
import weakref

import hognose.memory as mem


def heading(number, title):
    print(f"\n{number}. {title}\n" + "-" * (len(title) + 3))


def say(text):
    """Prints an explanation, wrapped to the width of a terminal."""
    line = ""
    for word in text.split():
        if len(line) + len(word) > 78:
            print(line)
            line = ""
        line = f"{line} {word}" if line else word
    print(line)


def live_objects():
    return mem.heap_stats()["objects_live"]


def kib(size):
    return f"{size / 1024:,.1f} KiB"


class Noisy:
    """An object that says when its memory is given back."""

    def __init__(self, name):
        self.name = name

    def __del__(self):
        print(f"    (freed {self.name})")


# --- 1 ---------------------------------------------------------------------------------------


def private_heap():
    heading(1, "The private heap")
    say(
        "Python does not ask the operating system for each object. It takes whole pages and cuts every page "
        "into blocks of one size. An object goes into a block of the smallest size that holds it."
    )
    stats = mem.heap_stats()
    print(f"  pages in use   {stats['pages_used']:>10,}  of {kib(stats['page_bytes'])} each")
    print(f"  bytes in use   {stats['bytes_used']:>10,}  at most so far {stats['bytes_peak']:,}")
    print(f"  live objects   {stats['objects_live']:>10,}")
    print(f"  limit          {kib(stats['limit']) if stats['limit'] else 'none':>10}")
    say("The sizes that hold the most blocks right now (a traced block may refer to others, a leaf may not):")
    print(f"  {'family':<8}{'block':>8}{'pages':>8}{'live':>10}{'free':>8}")
    for row in sorted(stats["classes"], key=lambda row: -row["blocks_live"])[:8]:
        print(
            f"  {row['family']:<8}{row['block_bytes']:>8,}{row['pages']:>8,}"
            f"{row['blocks_live']:>10,}{row['blocks_free']:>8,}"
        )


# --- 2 ---------------------------------------------------------------------------------------


def values_and_containers():
    heading(2, "Values that need no block, and containers that grow")
    before = live_objects()
    x = 5
    x = 2.5
    x = None
    x = True
    after = live_objects()
    say("Small integers, floats, None and the booleans fit into the variable itself. After four assignments:")
    print(f"  x is {x}, new objects: {after - before}")

    say("A list is an object with a buffer. The buffer grows in steps, so that most appends copy nothing:")
    items = []
    size = sys.getsizeof(items)
    print(f"  {len(items):>4} elements {size:>6,} bytes")
    for n in range(100):
        items.append(n)
        if sys.getsizeof(items) != size:
            size = sys.getsizeof(items)
            print(f"  {len(items):>4} elements {size:>6,} bytes")
    print(f"  100 appends, {size / len(items):.1f} bytes an element in the end")


# --- 3 ---------------------------------------------------------------------------------------


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def blocks_for_objects():
    heading(3, "Blocks are used again")
    say("A new object takes a free block of its size; when it dies, the block is the next to be handed out.")
    first = Point(1, 2)
    place = id(first)
    del first
    second = Point(3, 4)
    answer = "the same block" if id(second) == place else "another block, which is allowed too"
    print(f"  a point died and another one was made: it is in {answer}")

    before = mem.heap_stats()
    for n in range(100_000):
        Point(n, n)
    after = mem.heap_stats()
    say("So a loop that makes and drops a hundred thousand points needs no new memory:")
    print(f"  pages before {before['pages_used']:,}, after {after['pages_used']:,}")


# --- 4 ---------------------------------------------------------------------------------------


def reference_counts():
    heading(4, "Reference counts")
    say(
        "Every object counts the references to it. sys.getrefcount shows the count; its own argument "
        "may be one of them, so watch the changes."
    )
    data = ["some", "list"]
    base = sys.getrefcount(data)

    def show(what):
        print(f"  {what:<34}{sys.getrefcount(data) - base:+d}")

    base = sys.getrefcount(data)
    show("one name")
    alias = data
    show("alias = data")
    holder = [data, data, data]
    show("holder = [data, data, data]")
    table = {"key": data}
    show("table = {'key': data}")
    holder.pop()
    show("holder.pop()")
    del alias
    show("del alias")
    holder.clear()
    table.clear()
    show("holder.clear(), table.clear()")


# --- 5 ---------------------------------------------------------------------------------------


def freed_at_zero():
    heading(5, "Freed at once")
    say("When the count reaches zero the object is freed there and then, not at some later time.")
    thing = Noisy("thing")
    print("  thing exists")
    thing = None
    print("  next statement")

    def work():
        local = Noisy("local")
        print(f"  inside the function with {local.name}")

    work()
    print("  the function has returned")
    say("What an object holds goes with it:")
    box = [Noisy("left"), Noisy("right")]
    print(f"  a list of {len(box)}")
    box = None
    print("  list gone")


# --- 6 ---------------------------------------------------------------------------------------


class Node:
    def __init__(self, name):
        self.name = name
        self.other = None


def cycles():
    heading(6, "Cycles")
    say(
        "Two objects that refer to each other keep each other's count above zero. A weak reference "
        "does not count, so it can watch without keeping anything alive."
    )
    gc.collect()
    gc.disable()
    a, b = Node("a"), Node("b")
    a.other, b.other = b, a
    watch = weakref.ref(a)
    print(f"  weak reference: {watch().name}, alive")
    del a, b
    print(f"  names deleted, and still alive: {watch() is not None}")
    say("The cycle collector looks for groups of objects that are referred to only from inside the group.")
    found = gc.collect()
    print(f"  gc.collect() found {found} objects, alive: {watch() is not None}")
    gc.enable()
    print(f"  collections so far: {mem.heap_stats()['collections']}")


# --- 7 ---------------------------------------------------------------------------------------


def deleting():
    heading(7, "del removes a name, not an object")
    first = Noisy("shared")
    second = first
    del first
    print(f"  first deleted; second still has {second.name}")
    del second
    print("  second deleted")
    say("del also takes elements out of containers:")
    items = [Noisy("zero"), Noisy("one"), Noisy("two")]
    del items[1]
    print(f"  left in the list: {[item.name for item in items]}")
    table = {"key": Noisy("value")}
    del table["key"]
    print(f"  left in the dict: {table}")
    del items[:]


# --- 8 ---------------------------------------------------------------------------------------


COUNT = 200_000


def as_list():
    return sum([[n] for n in range(COUNT)], start=Total()).value


def as_generator():
    return sum(([n] for n in range(COUNT)), start=Total()).value


class Total:
    """Adds up one-element lists."""

    def __init__(self):
        self.value = 0

    def __add__(self, item):
        self.value += item[0]
        return self


def peak_of(function):
    gc.collect()
    mem.reset_peak()
    before = mem.heap_stats()["bytes_used"]
    result = function()
    return result, mem.heap_stats()["bytes_peak"] - before


def lists_and_generators():
    heading(8, "A list holds everything, a generator one thing at a time")
    list_result, list_peak = peak_of(as_list)
    generator_result, generator_peak = peak_of(as_generator)
    say(f"The same sum over {COUNT:,} small lists, once from a list and once from a generator:")
    print(f"  list       {list_result:>14,}   peak {kib(list_peak):>14}")
    print(f"  generator  {generator_result:>14,}   peak {kib(generator_peak):>14}")
    if generator_peak > 0:
        print(f"  the list needed {list_peak / generator_peak:,.0f} times as much")


def main():
    private_heap()
    values_and_containers()
    blocks_for_objects()
    reference_counts()
    freed_at_zero()
    cycles()
    deleting()
    lists_and_generators()
    stats = mem.heap_stats()
    print(f"\nAt the end: {stats['objects_live']:,} live objects in {stats['pages_used']:,} pages.")


main()
