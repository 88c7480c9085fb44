//! `make_encoder`: the writer.
//!
//! Nested values are written by recursion, which checks the native stack at each level. What goes wrong inside is
//! given a note at each level on its way out.

use super::{Quoting, text, two_args};
use crate::prelude::{
    Args, Exc, GetSetDef, ListRef, Owned, PyResult, Raised, Ref, Slots, TupleRef, TypeDef, TypeFlags,
    ValueExt, Vm, as_str, base_value, instance, is_int, none, owned_bool, payload, str_bytes, trace_fields,
};
use hognose_vm::object::float::{float_of, float_repr};
use hognose_vm::{DictRef, Layout, TRUE, TextBuf};

/// Payload of `_json.Encoder`.
struct Encoder {
    /// A dict with the containers being written, by identity, or None.
    markers: Owned,
    default: Owned,
    encoder: Owned,
    indent: Owned,
    key_separator: Owned,
    item_separator: Owned,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
    quoting: Quoting,
}
trace_fields!(Encoder { markers, default, encoder, indent, key_separator, item_separator });

macro_rules! members {
    ($($object:ident),*; $($flag:ident),*) => {
        &[
            $(GetSetDef::read(stringify!($object), |_, r| {
                Ok(payload::<Encoder>(r).map_or_else(none, |e| e.$object.clone()))
            }),)*
            $(GetSetDef::read(stringify!($flag), |_, r| {
                Ok(owned_bool(payload::<Encoder>(r).is_some_and(|e| e.$flag)))
            }),)*
        ]
    };
}

static TYPE: TypeDef = TypeDef {
    name: "_json.Encoder",
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    flags: TypeFlags::BASE_TYPE,
    slots: Slots { new: Some(new), call: Some(call), ..Slots::NONE },
    getset: members!(markers, default, encoder, indent, key_separator, item_separator; sort_keys, skipkeys),
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Encoder>(&TYPE)?;
    vm.module_set(module, "make_encoder", class.owned())
}

fn new(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    const SIG: &str =
        "markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan";
    let bound = vm.bind(a, "make_encoder", SIG)?;
    let given: Vec<Ref<'_>> = bound.pos.into_iter().flatten().collect();
    let [markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan] =
        given[..]
    else {
        return Err(vm.type_error("make_encoder() takes exactly 9 arguments"));
    };
    for (i, r) in [(5, key_separator), (6, item_separator)] {
        if as_str(r).is_none() {
            let class = vm.type_name(r);
            return Err(vm.type_error(&format!("make_encoder() argument {i} must be str, not {class}")));
        }
    }
    let (sort_keys, skipkeys, allow_nan) =
        (vm.is_true(sort_keys)?, vm.is_true(skipkeys)?, vm.is_true(allow_nan)?);
    if !markers.is_none() && DictRef::new(markers).is_none() {
        let class = vm.type_name(markers);
        let message = format!("make_encoder() argument 1 must be dict or None, not {class}");
        return Err(vm.type_error(&message));
    }
    let made = Encoder {
        markers: markers.owned(),
        default: default.owned(),
        encoder: encoder.owned(),
        indent: indent.owned(),
        key_separator: key_separator.owned(),
        item_separator: item_separator.owned(),
        sort_keys,
        skipkeys,
        allow_nan,
        quoting: Quoting::of(encoder),
    };
    instance(vm, a.get(0), made)
}

/// `encoder(obj, _current_indent_level)`: a tuple with the text.
fn call(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let (obj, level) = two_args(vm, a, "_iterencode", "obj, _current_indent_level")?;
    let level = vm.index_isize(level, false)?;
    let Some(by) = payload::<Encoder>(a.get(0)) else { return Ok(none()) };
    if !by.indent.as_ref().is_none() && as_str(by.indent.as_ref()).is_none() {
        let class = vm.type_name(by.indent.as_ref());
        return Err(vm.type_error(&format!("must be str, not {class}")));
    }
    let mut w = Writing { by, out: TextBuf::new(), level: usize::try_from(level).unwrap_or(0) };
    w.value(vm, obj)?;
    let text = w.out.to_str(vm)?;
    vm.new_tuple(vec![text])
}

/// Text being written.
struct Writing<'a> {
    by: &'a Encoder,
    out: TextBuf,
    /// How deep the lines are indented.
    level: usize,
}

impl Writing<'_> {
    fn push(&mut self, vm: &Vm, text: &[u8]) -> PyResult<()> {
        self.out.push(vm, text)
    }

    fn value(&mut self, vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
        if self.constant(vm, r)? {
            return Ok(());
        }
        if as_str(r).is_some() {
            return self.string(vm, r);
        }
        let base = base_value(r);
        if is_int(base) {
            let text = vm.repr(base)?;
            return self.push(vm, str_bytes(text.as_ref()));
        }
        if let Some(x) = float_of(base) {
            return self.float(vm, r, x);
        }
        vm.check_native_stack()?;
        if base.has_layout(Layout::List) || TupleRef::new(base).is_some() {
            self.list(vm, r)
        } else if base.has_layout(Layout::Dict) {
            self.dict(vm, r)
        } else {
            self.other(vm, r)
        }
    }

    /// None, True and False.
    fn constant(&mut self, vm: &Vm, r: Ref<'_>) -> PyResult<bool> {
        let text: &[u8] = match r {
            r if r.is_none() => b"null",
            r if r.value() == TRUE => b"true",
            r if r.is_bool() => b"false",
            _ => return Ok(false),
        };
        self.push(vm, text)?;
        Ok(true)
    }

    fn string(&mut self, vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
        if self.by.quoting != Quoting::Call {
            return text::quote(vm, &mut self.out, str_bytes(r), self.by.quoting == Quoting::Ascii);
        }
        let text = vm.call(self.by.encoder.as_ref(), &[r])?;
        if as_str(text.as_ref()).is_none() {
            let class = vm.type_name(text.as_ref());
            return Err(vm.type_error(&format!("encoder() must return a string, not {class}")));
        }
        self.push(vm, str_bytes(text.as_ref()))
    }

    fn float_text(&self, vm: &mut Vm, r: Ref<'_>, x: f64) -> PyResult<String> {
        if x.is_finite() {
            return Ok(float_repr(x));
        }
        if !self.by.allow_nan {
            let shown = vm.repr_text(r)?;
            let message = format!("Out of range float values are not JSON compliant: {shown}");
            return Err(vm.value_error(&message));
        }
        let text = if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        Ok(text.into())
    }

    fn float(&mut self, vm: &mut Vm, r: Ref<'_>, x: f64) -> PyResult<()> {
        let text = self.float_text(vm, r, x)?;
        self.push(vm, text.as_bytes())
    }

    fn new_line(&mut self, vm: &Vm) -> PyResult<()> {
        if self.by.indent.as_ref().is_none() {
            return Ok(());
        }
        self.push(vm, b"\n")?;
        self.out.repeat(vm, str_bytes(self.by.indent.as_ref()), self.level)
    }

    /// Before each item of a container.
    fn separate(&mut self, vm: &Vm, first: bool) -> PyResult<()> {
        if !first {
            self.push(vm, str_bytes(self.by.item_separator.as_ref()))?;
        }
        self.new_line(vm)
    }

    /// Remembers that `r` is being written; gives the key to forget it by.
    fn enter(&self, vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
        let markers = self.by.markers.as_ref();
        if markers.is_none() {
            return Ok(None);
        }
        let key = vm.new_int(r.value().bits() as i64)?;
        if vm.dict_contains(markers, key.as_ref())? {
            return Err(vm.value_error("Circular reference detected"));
        }
        vm.dict_set(markers, key.as_ref(), r)?;
        Ok(Some(key))
    }

    fn leave(&self, vm: &mut Vm, key: Option<Owned>) -> PyResult<()> {
        let Some(key) = key else { return Ok(()) };
        match vm.dict_del(self.by.markers.as_ref(), key.as_ref())? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(key.as_ref())),
        }
    }

    fn list(&mut self, vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
        let base = base_value(r);
        let item = |i: usize| match (ListRef::new(base), TupleRef::new(base)) {
            (Some(l), _) => l.get(i),
            (_, Some(t)) => t.items().get(i).map(|x| x.owned()),
            _ => None,
        };
        if item(0).is_none() {
            return self.push(vm, b"[]");
        }
        let key = self.enter(vm, r)?;
        self.push(vm, b"[")?;
        self.level += 1;
        let mut i = 0;
        while let Some(x) = item(i) {
            self.separate(vm, i == 0)?;
            self.value(vm, x.as_ref()).map_err(|e| note_item(vm, e, r, |_| Ok(i.to_string())))?;
            i += 1;
        }
        self.leave(vm, key)?;
        self.level -= 1;
        self.new_line(vm)?;
        self.push(vm, b"]")
    }

    fn dict(&mut self, vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
        let Some(d) = DictRef::new(r) else { return Ok(()) };
        if d.is_empty() {
            return self.push(vm, b"{}");
        }
        let marker = self.enter(vm, r)?;
        self.push(vm, b"{")?;
        self.level += 1;
        let mut first = true;
        if self.by.sort_keys || !r.is_exact(Layout::Dict) {
            let items = vm.call_method(r, "items", &[])?;
            let items = vm.to_list(items.as_ref())?;
            if self.by.sort_keys {
                vm.call_method(items.as_ref(), "sort", &[])?;
            }
            let mut items = vm.iterate(items.as_ref())?;
            while let Some(pair) = items.next(vm)? {
                let &[key, value] = TupleRef::new(base_value(pair.as_ref())).map_or(&[][..], |t| t.items())
                else {
                    return Err(vm.value_error("items must return 2-tuples"));
                };
                self.entry(vm, r, key, value, &mut first)?;
            }
        } else {
            let mut at = 0;
            while let Some((i, key, value)) = d.next_entry(at) {
                at = i + 1;
                self.entry(vm, r, key.as_ref(), value.as_ref(), &mut first)?;
            }
        }
        self.leave(vm, marker)?;
        self.level -= 1;
        if !first {
            self.new_line(vm)?;
        }
        self.push(vm, b"}")
    }

    /// A key and its value.
    fn entry(
        &mut self,
        vm: &mut Vm,
        dict: Ref<'_>,
        key: Ref<'_>,
        value: Ref<'_>,
        first: &mut bool,
    ) -> PyResult<()> {
        let base = base_value(key);
        let text = if as_str(key).is_some() {
            key.owned()
        } else if let Some(x) = float_of(base) {
            let text = self.float_text(vm, key, x)?;
            vm.new_str(&text)?
        } else if key.is_none() || key.is_bool() {
            vm.intern(if key.is_none() {
                "null"
            } else if key.value() == TRUE {
                "true"
            } else {
                "false"
            })?
        } else if is_int(base) {
            vm.repr(base)?
        } else if self.by.skipkeys {
            return Ok(());
        } else {
            let class = vm.type_name(key);
            let message = format!("keys must be str, int, float, bool or None, not {class}");
            return Err(vm.type_error(&message));
        };
        self.separate(vm, *first)?;
        *first = false;
        self.string(vm, text.as_ref())?;
        self.push(vm, str_bytes(self.by.key_separator.as_ref()))?;
        self.value(vm, value).map_err(|e| note_item(vm, e, dict, |vm| vm.repr_text(key)))
    }

    /// An object of a class that JSON knows nothing of.
    fn other(&mut self, vm: &mut Vm, r: Ref<'_>) -> PyResult<()> {
        let marker = self.enter(vm, r)?;
        let new = vm.call(self.by.default.as_ref(), &[r])?;
        self.value(vm, new.as_ref()).map_err(|e| match class_name(vm, r) {
            Ok(name) => note(vm, e, &format!("when serializing {name} object")),
            Err(other) => other,
        })?;
        self.leave(vm, marker)
    }
}

/// The name of the class of an object, with its module unless that is the program's own.
fn class_name(vm: &mut Vm, r: Ref<'_>) -> PyResult<String> {
    let class = vm.class_of(r);
    let name = vm.qualified_name(class)?;
    Ok(name.strip_prefix("__main__.").map_or(name.clone(), str::to_owned))
}

/// Adds the note that an item of a container failed.
#[cold]
fn note_item(
    vm: &mut Vm,
    e: Raised,
    container: Ref<'_>,
    item: impl FnOnce(&mut Vm) -> PyResult<String>,
) -> Raised {
    let exc = vm.catch(e);
    let text = class_name(vm, container).and_then(|name| {
        let item = item(vm)?;
        Ok(format!("when serializing {name} item {item}"))
    });
    let e = vm.raise_object(exc);
    match text {
        Ok(text) => note(vm, e, &text),
        Err(other) => other,
    }
}

/// Adds a note to the exception in flight.
#[cold]
fn note(vm: &mut Vm, e: Raised, text: &str) -> Raised {
    if !vm.raised_is(&e, Exc::Exception) {
        return e;
    }
    let exc = vm.catch(e);
    let added = vm.new_str(text).and_then(|t| vm.call_method(exc.as_ref(), "add_note", &[t.as_ref()]));
    match added {
        Ok(_) => vm.raise_object(exc),
        Err(other) => other,
    }
}
