//! Struct sequences: tuples whose items also have names, as `sys.version_info` and `time.struct_time` are.
//!
//! An instance wraps a tuple of the visible fields. Hidden fields, which only have a name, are instance attributes.
//! The class is made from a static definition by [`structseq!`]: one getter per field, no work per instance.
#![allow(unsafe_code, reason = "completes a fresh type object")]

use crate::args::{Args, GetSetDef, NativeDef};
use crate::class::{TypeRef, base_value};
use crate::define::TypeDef;
use crate::text::str_bytes;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::types::TypeFlags;
use hognose_object::{Layout, Owned, Ref, none};

/// A struct sequence type.
pub struct StructSeqDef {
    /// The class.
    pub class: TypeDef,
    /// Names of all fields, visible ones first.
    pub fields: &'static [&'static str],
    /// How many fields are items of the tuple.
    pub visible: usize,
}

/// Methods every struct sequence has.
pub const METHODS: &[NativeDef] = &[
    NativeDef::method("__reduce__", "$self, /", reduce),
    NativeDef::method("__replace__", "$self, /, **changes", replace),
];

/// Declares a struct sequence type: `structseq! { pub NAME = "sys.thread_info", "doc", 3; 0 name, 1 lock, 2 version }`;
/// the number after the documentation says how many fields are visible.
#[macro_export]
macro_rules! structseq {
    ($(#[$meta:meta])* $vis:vis $name:ident = $full:literal, $doc:literal, $visible:literal; $($index:literal $field:ident),* $(,)?) => {
        $(#[$meta])*
        $vis static $name: $crate::structseq::StructSeqDef = $crate::structseq::StructSeqDef {
            class: $crate::TypeDef {
                name: $full,
                layout: $crate::Layout::Wrapped,
                doc: $doc,
                slots: $crate::Slots {
                    new: Some(|vm, args| $crate::structseq::new(vm, args, &$name)),
                    repr: Some(|vm, r| $crate::structseq::repr(vm, r, &$name)),
                    ..$crate::Slots::NONE
                },
                methods: $crate::structseq::METHODS,
                getset: &[$($crate::structseq::field::<$index, $visible>(stringify!($field))),*],
                ..$crate::TypeDef::EMPTY
            },
            fields: &[$(stringify!($field)),*],
            visible: $visible,
        };
    };
}

/// The getter of field `I`; hidden fields are found among the instance's attributes.
pub const fn field<const I: usize, const VISIBLE: usize>(name: &'static str) -> GetSetDef {
    GetSetDef::read(name, |vm, r| match items(r).get(I) {
        Some(item) if I < VISIBLE => Ok(item.owned()),
        _ => hidden(vm, r, I),
    })
}

fn items(r: Ref<'_>) -> &[Ref<'_>] {
    TupleRef::new(base_value(r)).map_or(&[], |t| t.items())
}

fn hidden(vm: &mut Vm, r: Ref<'_>, i: usize) -> PyResult {
    let name = vm.intern(&format!("_field{i}"))?;
    Ok(vm.instance_get(r, name.as_ref()).unwrap_or_else(none))
}

/// A new instance of a struct sequence class.
pub fn make(vm: &mut Vm, class: TypeRef<'_>, def: &StructSeqDef, values: Vec<Owned>) -> PyResult {
    let mut values = values;
    let extra = values.split_off(def.visible.min(values.len()));
    let tuple = vm.new_tuple(values)?;
    let o = vm.wrap_new(class, tuple)?;
    for (i, value) in extra.into_iter().enumerate() {
        let name = vm.intern(&format!("_field{}", def.visible + i))?;
        vm.instance_set(o.as_ref(), name.as_ref(), value.as_ref())?;
    }
    Ok(o)
}

/// `class(sequence, dict={})`
pub fn new(vm: &mut Vm, args: &Args<'_>, def: &'static StructSeqDef) -> PyResult {
    let bound = vm.bind(args, def.class.name, "sequence, dict=None")?;
    let given = |i: usize| bound.pos.get(i).copied().flatten();
    let (Some(class), Some(sequence)) = (args.opt(0).and_then(TypeRef::new), given(0)) else {
        return Err(vm.type_error("constructor requires a sequence"));
    };
    let class_slots = vm.class_of(sequence).slots();
    if class_slots.iter.is_none() && class_slots.getitem.is_none() {
        return Err(vm.type_error("constructor requires a sequence"));
    }
    let mut values = vm.collect(sequence)?;
    let (n, min, max, name) = (values.len(), def.visible, def.fields.len(), def.class.name);
    if n < min || n > max {
        let message = if min == max {
            format!("{name}() takes a {min}-sequence ({n}-sequence given)")
        } else if n < min {
            format!("{name}() takes an at least {min}-sequence ({n}-sequence given)")
        } else {
            format!("{name}() takes an at most {max}-sequence ({n}-sequence given)")
        };
        return Err(vm.type_error(&message));
    }
    if let Some(dict) = given(1).filter(|d| !hognose_object::ValueExt::is_none(*d)) {
        for field in &def.fields[n..] {
            let key = vm.intern(field)?;
            values.push(vm.dict_get(dict, key.as_ref())?.unwrap_or_else(none));
        }
    }
    make(vm, class, def, values)
}

/// `sys.version_info(major=3, …)`
pub fn repr(vm: &mut Vm, r: Ref<'_>, def: &'static StructSeqDef) -> PyResult {
    let mut out = def.class.name.as_bytes().to_vec();
    out.push(b'(');
    for (i, (name, item)) in def.fields.iter().zip(items(r)).enumerate() {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        let text = vm.repr(*item)?;
        out.extend_from_slice(str_bytes(text.as_ref()));
    }
    out.push(b')');
    vm.new_str_bytes(&out)
}

/// Makes the class.
pub fn make_class(vm: &mut Vm, def: &'static StructSeqDef) -> PyResult<TypeRef<'static>> {
    let tuple = vm.types().tuple;
    let class = vm.add_type(&def.class, Some(tuple))?;
    // SAFETY: the class lives as long as the machine, and has no instances yet.
    unsafe {
        let t = class.ptr();
        (*t).wrapped = Layout::Tuple;
        if def.fields.len() > def.visible {
            (*t).flags |= TypeFlags::HAS_DICT;
        }
        // Their kind is made with the first instance.
        (*t).root_kind = 0;
    }
    finish(vm, class, def)?;
    Ok(class)
}

/// Stores `n_fields` and its like into the class.
fn finish(vm: &mut Vm, class: TypeRef<'_>, def: &StructSeqDef) -> PyResult<()> {
    let numbers =
        [("n_fields", def.fields.len()), ("n_sequence_fields", def.visible), ("n_unnamed_fields", 0)];
    for (name, n) in numbers {
        let n = vm.new_int(n as i64)?;
        vm.dict_set_name(class.dict().as_ref(), name, n)?;
    }
    let names = def.fields[..def.visible].iter().map(|f| vm.intern(f)).collect::<PyResult<Vec<_>>>()?;
    let names = vm.new_tuple(names)?;
    vm.dict_set_name(class.dict().as_ref(), "__match_args__", names)?;
    let hidden = def.fields[def.visible..].iter().map(|f| vm.intern(f)).collect::<PyResult<Vec<_>>>()?;
    let hidden = vm.new_tuple(hidden)?;
    vm.dict_set_name(class.dict().as_ref(), "_hidden_fields", hidden)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let class = vm.class_of(r);
    let values = items(r).iter().map(|i| i.owned()).collect();
    let tuple = vm.new_tuple(values)?;
    let hidden_values = vm.new_dict()?;
    let names = vm.get_attr_name(class.as_ref(), "_hidden_fields")?;
    for (i, name) in vm.items_of(names.as_ref()).into_iter().enumerate() {
        let value = hidden(vm, r, items(r).len() + i)?;
        vm.dict_set(hidden_values.as_ref(), name.as_ref(), value.as_ref())?;
    }
    let inner = vm.new_pair(tuple, hidden_values)?;
    vm.new_pair(class.owned(), inner)
}

fn replace(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let class = vm.class_of(r);
    let names = vm.get_attr_name(class.as_ref(), "__match_args__")?;
    let names = vm.items_of(names.as_ref());
    let mut values: Vec<Owned> = items(r).iter().map(|i| i.owned()).collect();
    for (name, value) in args.kwnames.iter().zip(args.kwvalues) {
        let at = names.iter().position(|n| str_bytes(n.as_ref()) == str_bytes(*name));
        match at.and_then(|i| values.get_mut(i)) {
            Some(place) => *place = value.owned(),
            None => {
                let shown = vm.repr_text(*name)?;
                return Err(vm.type_error(&format!("Got unexpected field name(s): [{shown}]")));
            }
        }
    }
    let list = vm.new_list(values)?;
    vm.call(class.as_ref(), &[list.as_ref()])
}
