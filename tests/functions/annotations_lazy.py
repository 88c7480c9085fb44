# Annotations are evaluated when they are asked for, not when the function is made.
def later(a: Undefined, b: int = 1) -> "text":
    return a


print(later(5))
try:
    later.__annotations__
except NameError as e:
    print(e)


class Undefined:
    pass


print(later.__annotations__["a"] is Undefined, later.__annotations__["b"], later.__annotations__["return"])


class Node:
    next: Node
    value: print("evaluated now")

    def copy(self) -> Node:
        return self


print("class made")
print(Node.__annotations__["next"] is Node, Node.__annotations__ is Node.__annotations__)
print(Node.copy.__annotations__["return"].__name__)
later.__annotations__ = {"x": 1}
print(later.__annotations__, later.__annotate__)
print((lambda: 0).__annotations__, Undefined.__annotations__)
