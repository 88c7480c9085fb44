# Which objects the cycle collector looks at.
import gc


class Plain:
    pass


class Slots:
    __slots__ = ()


print("list", gc.is_tracked([]))
print("dict", gc.is_tracked({}))
print("instance", gc.is_tracked(Plain()))
print("slots only", gc.is_tracked(Slots()))
print("function", gc.is_tracked(lambda: None))
print("class", gc.is_tracked(Plain))
print("tuple with a list", gc.is_tracked(tuple([[]])))
print("object()", gc.is_tracked(object()))
for atom in (1, 1.5, "text", b"bytes", None, range(3)):
    print(type(atom).__name__, gc.is_tracked(atom))
