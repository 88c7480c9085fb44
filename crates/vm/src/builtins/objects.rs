//! Built-in functions on any object: attributes, identity, classes, text, namespaces.

use crate::args::Args;
use crate::class::base_value;
use crate::text::as_str;
use crate::types::int::number::give_i128;
use crate::{PyResult, Vm};
use hognose_object::bytes::bytes_of;
use hognose_object::{Layout, Owned, Ref, ValueExt, owned_bool};

// ---- text

pub(super) fn repr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    vm.repr(args.get(0))
}

pub(super) fn ascii(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let text = vm.ascii(args.get(0))?;
    vm.new_str(&text)
}

pub(super) fn format(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    match args.opt(1) {
        Some(spec) if as_str(spec).is_none() => {
            let class = vm.type_name(spec);
            Err(vm.type_error(&format!("format() argument 2 must be str, not {class}")))
        }
        Some(spec) => vm.format(args.get(0), spec),
        None => {
            let empty = vm.new_str("")?;
            vm.format(args.get(0), empty.as_ref())
        }
    }
}

pub(super) fn chr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = vm.index_isize(args.get(0), true)?;
    let Some(c) = u32::try_from(n).ok().filter(|&c| c < 0x11_0000) else {
        return Err(vm.value_error("chr() arg not in range(0x110000)"));
    };
    let mut text = Vec::with_capacity(4);
    hognose_object::str::push_code_point(&mut text, c);
    vm.new_str_bytes(&text)
}

pub(super) fn ord(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let x = args.get(0);
    let length = if let Some(s) = as_str(x) {
        if s.char_len() == 1 {
            return vm.new_int(i64::from(s.char_at(0)));
        }
        s.char_len()
    } else if let Some(b) = bytes_of(base_value(x)) {
        if let [b] = b {
            return vm.new_int(i64::from(*b));
        }
        b.len()
    } else if x.has_layout(Layout::ByteArray) {
        let n = vm.len(x)?;
        if n == 1 {
            let zero = vm.new_int(0)?;
            return vm.get_item(x, zero.as_ref());
        }
        n
    } else {
        let class = vm.type_name(x);
        return Err(vm.type_error(&format!("ord() expected string of length 1, but {class} found")));
    };
    Err(vm.type_error(&format!("ord() expected a character, but string of length {length} found")))
}

// ---- identity and classes

pub(super) fn id(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    give_i128(vm, i128::from(args.get(0).value().bits()))
}

pub(super) fn hash(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let h = vm.hash(args.get(0))?;
    vm.new_int(h)
}

pub(super) fn callable(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.class_of(args.get(0)).slots().call.is_some()))
}

pub(super) fn isinstance(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.isinstance(args.get(0), args.get(1))?))
}

pub(super) fn issubclass(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    Ok(owned_bool(vm.issubclass(args.get(0), args.get(1))?))
}

// ---- attributes

/// An attribute name argument, interned.
fn attribute_name(vm: &mut Vm, name: Ref<'_>) -> PyResult {
    match as_str(name) {
        Some(s) => Ok(vm.intern_object(s.as_ref())),
        None => {
            let class = vm.type_name(name);
            Err(vm.type_error(&format!("attribute name must be string, not '{class}'")))
        }
    }
}

pub(super) fn getattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = attribute_name(vm, args.get(1))?;
    match args.opt(2) {
        None => vm.get_attr(args.get(0), name.as_ref()),
        Some(default) => {
            let found = vm.get_attr_opt(args.get(0), name.as_ref())?;
            Ok(found.unwrap_or_else(|| default.owned()))
        }
    }
}

pub(super) fn hasattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = attribute_name(vm, args.get(1))?;
    Ok(owned_bool(vm.get_attr_opt(args.get(0), name.as_ref())?.is_some()))
}

pub(super) fn setattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = attribute_name(vm, args.get(1))?;
    vm.set_attr(args.get(0), name.as_ref(), Some(args.get(2)))?;
    Ok(vm.none())
}

pub(super) fn delattr(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let name = attribute_name(vm, args.get(1))?;
    vm.set_attr(args.get(0), name.as_ref(), None)?;
    Ok(vm.none())
}

// ---- namespaces

fn own_locals(vm: &mut Vm) -> PyResult {
    match vm.current_locals()? {
        Some(d) => Ok(d),
        None => Err(vm.raise(crate::exceptions::Exc::SystemError, "frame does not exist")),
    }
}

pub(super) fn globals(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(vm.current_globals().unwrap_or_else(|| vm.none()))
}

pub(super) fn locals(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    own_locals(vm)
}

pub(super) fn vars(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(x) = args.opt(0) else { return own_locals(vm) };
    let name = vm.names().__dict__;
    match vm.get_attr_opt(x, name)? {
        Some(d) => Ok(d),
        None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
    }
}

pub(super) fn dir(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let names: Owned = match args.opt(0) {
        None => {
            let locals = own_locals(vm)?;
            vm.call_method(locals.as_ref(), "keys", &[])?
        }
        Some(x) => {
            let name = vm.names().__dir__;
            match vm.call_special(x, name, &[])? {
                Some(names) => names,
                None => return Err(vm.type_error("object does not provide __dir__")),
            }
        }
    };
    let list = vm.to_list(names.as_ref())?;
    vm.call_method(list.as_ref(), "sort", &[])?;
    Ok(list)
}
