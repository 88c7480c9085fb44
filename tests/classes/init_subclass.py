# __init_subclass__, __set_name__ and __class_getitem__.
class Plugin:
    registry = {}

    def __init_subclass__(cls, /, key=None, **kwargs):
        super().__init_subclass__(**kwargs)
        Plugin.registry[key or cls.__name__.lower()] = cls.__name__

    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item!r}]"


class Csv(Plugin):
    pass


class Json(Plugin, key="js"):
    pass


class Json5(Json):
    pass


print(Plugin.registry)
print(Plugin[int], Csv["x", 1])
try:
    class Bad(Plugin, unknown=1):
        pass
except TypeError as e:
    print(e)


class Field:
    def __set_name__(self, owner, name):
        self.label = f"{owner.__name__}.{name}"


class Model:
    id = Field()
    title = Field()


print(Model.id.label, Model.title.label)
Model.later = Field()
print(hasattr(Model.later, "label"))
try:
    int[str]
except TypeError as e:
    print(e)
print(list[int], dict[str, list[int]])
