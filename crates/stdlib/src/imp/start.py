"""Completes the import system: the library's finder, zip files, specs of what was imported before."""

import sys
import _imp
import _frozen_importlib as bootstrap
import _frozen_importlib_external as external

ROOT = _imp._library_root()


class LibraryLoader(external.SourceLoader):
    """Loads modules of the library that the interpreter carries."""

    def __init__(self, fullname, path):
        self.name = fullname
        self.path = path

    def __eq__(self, other):
        return self.__class__ == other.__class__ and self.__dict__ == other.__dict__

    def __hash__(self):
        return hash(self.name) ^ hash(self.path)

    def get_filename(self, fullname=None):
        if fullname is not None and fullname != self.name:
            raise ImportError(f"loader for {self.name} cannot handle {fullname}", name=fullname)
        return self.path

    def get_code(self, fullname):
        code = _imp._library_code(self.path[len(ROOT) + 1:], self.path)
        if code is None:
            raise ImportError(f"no module named {fullname!r} in the library", name=fullname)
        return code

    def get_data(self, path):
        data = None
        if path.startswith(ROOT + "/"):
            data = _imp._library_read(path[len(ROOT) + 1:])
        if data is None:
            raise FileNotFoundError(2, "No such file or directory", path)
        return data

    def get_resource_reader(self, name):
        return None


class LibraryFinder:
    """Finds modules in one folder of the library."""

    def __init__(self, path):
        if ROOT is None or (path != ROOT and not path.startswith(ROOT + "/")):
            raise ImportError("only for the library's folders", path=path)
        self.path = path
        self._folder = path[len(ROOT) + 1:]

    def find_spec(self, fullname, target=None):
        tail = fullname.rpartition(".")[2]
        stem = f"{self._folder}/{tail}" if self._folder else tail
        places = None
        if _imp._library_exists(f"{stem}/__init__.py"):
            file = f"{ROOT}/{stem}/__init__.py"
            places = [f"{ROOT}/{stem}"]
        elif _imp._library_exists(f"{stem}.py"):
            file = f"{ROOT}/{stem}.py"
        else:
            return None
        loader = LibraryLoader(fullname, file)
        spec = bootstrap.ModuleSpec(fullname, loader, origin=file)
        spec._set_fileattr = True
        spec.cached = None
        spec.submodule_search_locations = places
        return spec

    def invalidate_caches(self):
        pass

    def iter_modules(self, prefix=""):
        for name in _imp._library_list(self._folder):
            if name.endswith(".py"):
                if name != "__init__.py":
                    yield prefix + name[:-3], False
            elif _imp._library_exists(f"{self._folder}/{name}/__init__.py".lstrip("/")):
                yield prefix + name, True

    def __repr__(self):
        return f"LibraryFinder({self.path!r})"


def zip_hook(path):
    """Path hook for zip files; the importer itself is only loaded for a file."""
    if not external._path_isfile(path):
        raise ImportError("only for files", path=path)
    from zipimport import zipimporter
    return zipimporter(path)


classify = external._classify_pyc


def _classify_pyc(data, name, exc_details):
    """Damaged cache files are as good as none."""
    flags = classify(data, name, exc_details)
    if not _imp._is_sound_code(bytes(data[16:])):
        raise EOFError(f"no code in the cache file of {name!r}")
    return flags


external._classify_pyc = _classify_pyc

for kind in (LibraryLoader, LibraryFinder):
    kind.__module__ = "importlib._library"
sys.path_hooks.insert(0, LibraryFinder)
sys.path_hooks.insert(1, zip_hook)

# Finders that the program installed before come first, as they would have.
for hook in list(sys.meta_path):
    if hook not in (bootstrap.BuiltinImporter, bootstrap.FrozenImporter, external.PathFinder):
        sys.meta_path.remove(hook)
        sys.meta_path.insert(0, hook)

for name, module in list(sys.modules.items()):
    file = getattr(module, "__file__", None)
    if ROOT is None or not isinstance(file, str) or not file.startswith(ROOT + "/"):
        continue
    if getattr(module, "__spec__", True) is None:
        spec = bootstrap.ModuleSpec(name, LibraryLoader(name, file), origin=file)
        spec._set_fileattr = True
        spec.cached = None
        if hasattr(module, "__path__"):
            spec.submodule_search_locations = module.__path__
        module.__spec__ = spec
        module.__loader__ = spec.loader

main = sys.modules.get("__main__")
if main is not None and getattr(main, "__loader__", True) is None:
    file = getattr(main, "__file__", None)
    if isinstance(file, str):
        main.__loader__ = external.SourceFileLoader("__main__", file)
    else:
        main.__loader__ = bootstrap.BuiltinImporter
