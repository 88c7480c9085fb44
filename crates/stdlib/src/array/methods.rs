//! Methods of arrays.

use super::change::{self, add_item, add_text, check_text, splice};
use super::item::{self, is_text, store, width};
use super::{Array, CLASS_GETITEM, make_array, this, to_list};
use crate::prelude::{
    Args, Exc, ListRef, NativeDef, Owned, PyResult, Ref, TypeRef, Vm, as_str, buffer, bytes_arg, none,
    str_bytes,
};
use buffer::TypedBuffer;

pub(super) const METHODS: &[NativeDef] = &[
    NativeDef::method("append", "$self, v, /", |vm, a| {
        add_item(vm, a.get(0), a.get(1))?;
        Ok(none())
    }),
    NativeDef::method("extend", "$self, bb, /", |vm, a| {
        change::extend(vm, a.get(0), a.get(1))?;
        Ok(none())
    }),
    NativeDef::method("buffer_info", "$self, /", |vm, a| {
        let x = this(vm, a.get(0))?;
        let address = buffer::plain(vm.heap(), x.bytes.as_ref()).map_or(0, |b| b.as_ptr().addr());
        let n = x.len(vm);
        let (address, n) = (vm.new_int(address as i64)?, vm.new_int(n as i64)?);
        vm.new_pair(address, n)
    }),
    NativeDef::method("byteswap", "$self, /", |vm, a| {
        let x = this(vm, a.get(0))?;
        let n = width(x.code);
        buffer::change(vm, x.bytes.as_ref(), |data, _| data.chunks_mut(n).for_each(<[u8]>::reverse))?;
        Ok(none())
    }),
    NativeDef::method("clear", "$self, /", |vm, a| {
        splice(vm, a.get(0), 0, usize::MAX, &[])?;
        Ok(none())
    }),
    NativeDef::method("count", "$self, v, /", |vm, a| {
        let (mut n, mut at) = (0, 0);
        while let Some(i) = find(vm, a.get(0), a.get(1), at, usize::MAX)? {
            (n, at) = (n + 1, i + 1);
        }
        vm.new_int(n)
    }),
    NativeDef::method("index", "$self, v, start=0, stop=sys.maxsize, /", |vm, a| {
        let n = this(vm, a.get(0))?.len(vm) as isize;
        let fit = |i: isize| if i < 0 { (i + n).max(0) } else { i } as usize;
        let from = fit(vm.search_bound(a.opt(2), 0)?);
        let to = fit(vm.search_bound(a.opt(3), isize::MAX)?);
        match find(vm, a.get(0), a.get(1), from, to)? {
            Some(i) => vm.new_int(i as i64),
            None => Err(vm.value_error("array.index(x): x not in array")),
        }
    }),
    NativeDef::method("remove", "$self, v, /", |vm, a| match find(vm, a.get(0), a.get(1), 0, usize::MAX)? {
        Some(i) => {
            let n = width(this(vm, a.get(0))?.code);
            splice(vm, a.get(0), i * n, i * n + n, &[])?;
            Ok(none())
        }
        None => Err(vm.value_error("array.remove(x): x not in array")),
    }),
    NativeDef::method("insert", "$self, i, v, /", |vm, a| {
        let i = vm.ssize_arg(a.get(1))?;
        let code = this(vm, a.get(0))?.code;
        let raw = store(vm, code, a.get(2))?;
        let len = this(vm, a.get(0))?.len(vm);
        let i = if i < 0 { i + len as isize } else { i };
        let at = (i.max(0) as usize).min(len) * width(code);
        splice(vm, a.get(0), at, at, &raw[..width(code)])?;
        Ok(none())
    }),
    NativeDef::method("pop", "$self, i=-1, /", pop),
    NativeDef::method("reverse", "$self, /", |vm, a| {
        let x = this(vm, a.get(0))?;
        let n = width(x.code);
        buffer::change(vm, x.bytes.as_ref(), |data, _| {
            // Turning all bytes around turns each item around, too.
            data.reverse();
            data.chunks_mut(n).for_each(<[u8]>::reverse);
        })?;
        Ok(none())
    }),
    NativeDef::method("tolist", "$self, /", |vm, a| to_list(vm, a.get(0))),
    NativeDef::method("fromlist", "$self, list, /", fromlist),
    NativeDef::method("tobytes", "$self, /", |vm, a| {
        let x = this(vm, a.get(0))?;
        x.copy_bytes(vm, 0, usize::MAX)
    }),
    NativeDef::method("frombytes", "$self, buffer, /", |vm, a| {
        change::add_whole_items(vm, a.get(0), a.get(1))?;
        Ok(none())
    }),
    NativeDef::method("tofile", "$self, f, /", |vm, a| {
        let bytes = this(vm, a.get(0))?.copy_bytes(vm, 0, usize::MAX)?;
        vm.call_method(a.get(1), "write", &[bytes.as_ref()])?;
        Ok(none())
    }),
    NativeDef::method("fromfile", "$self, f, n, /", fromfile),
    NativeDef::method("tounicode", "$self, /", |vm, a| {
        check_text(vm, a.get(0), "tounicode")?;
        let x = this(vm, a.get(0))?;
        let mut out = hognose_vm::TextBuf::new();
        for i in 0..x.len(vm) {
            let c = x.item(vm, i)?;
            out.push(vm, str_bytes(c.as_ref()))?;
        }
        out.to_str(vm)
    }),
    NativeDef::method("fromunicode", "$self, ustr, /", |vm, a| {
        if as_str(a.get(1)).is_none() {
            let class = vm.type_name(a.get(1));
            return Err(vm.type_error(&format!("fromunicode() argument must be str, not {class}")));
        }
        check_text(vm, a.get(0), "fromunicode")?;
        add_text(vm, a.get(0), str_bytes(a.get(1)))?;
        Ok(none())
    }),
    NativeDef::method("__copy__", "$self, /", copy),
    NativeDef::method("__deepcopy__", "$self, unused, /", copy),
    NativeDef::method("__reduce_ex__", "$self, value, /", reduce),
    NativeDef::method("__sizeof__", "$self, /", |vm, a| {
        let n = this(vm, a.get(0))?.bytes_len(vm);
        let own = vm.memory_of(a.get(0));
        vm.new_int((n + own) as i64)
    }),
    CLASS_GETITEM,
];

/// The first place of a value from `from` to before `to`.
pub(super) fn find(
    vm: &mut Vm,
    r: Ref<'_>,
    value: Ref<'_>,
    from: usize,
    to: usize,
) -> PyResult<Option<usize>> {
    let a = this(vm, r)?;
    let mut i = from;
    // The length may change while comparing.
    while i < to.min(a.len(vm)) {
        let x = a.item(vm, i)?;
        if vm.equal(x.as_ref(), value)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn pop(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let i = match a.opt(1) {
        Some(r) => vm.ssize_arg(r)?,
        None => -1,
    };
    let x = this(vm, a.get(0))?;
    let len = x.len(vm) as isize;
    if len == 0 {
        return Err(vm.index_error("pop from empty array"));
    }
    let i = if i < 0 { i + len } else { i };
    if !(0..len).contains(&i) {
        return Err(vm.index_error("pop index out of range"));
    }
    let (i, n) = (i as usize, width(x.code));
    let item = x.item(vm, i)?;
    splice(vm, a.get(0), i * n, i * n + n, &[])?;
    Ok(item)
}

fn copy(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let x = this(vm, a.get(0))?;
    let bytes = x.copy_bytes(vm, 0, usize::MAX)?;
    make_array(vm, x.code, buffer::exact(bytes.as_ref()))
}

fn fromlist(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let Some(list) = ListRef::new(a.get(1)) else { return Err(vm.type_error("arg must be list")) };
    let before = this(vm, a.get(0))?.bytes_len(vm);
    let items = list.to_vec(vm.heap());
    let n = items.len();
    for x in items {
        if let Err(e) = add_item(vm, a.get(0), x.as_ref()) {
            splice(vm, a.get(0), before, usize::MAX, &[])?;
            return Err(e);
        }
        if list.len() != n {
            return Err(vm.runtime_error("list changed size during iteration"));
        }
    }
    Ok(none())
}

fn fromfile(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let n = vm.ssize_arg(a.get(2))?;
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("negative count")) };
    let size = width(this(vm, a.get(0))?.code);
    let Some(want) = n.checked_mul(size).and_then(|n| i64::try_from(n).ok()) else {
        return Err(hognose_vm::heap::OutOfMemory::huge().into());
    };
    let count = vm.new_int(want)?;
    let data = vm.call_method(a.get(1), "read", &[count.as_ref()])?;
    if buffer::plain(vm.heap(), data.as_ref()).is_none() {
        return Err(vm.type_error("read() didn't return bytes"));
    }
    let data = bytes_arg(vm, data.as_ref())?;
    change::add_whole_items(vm, a.get(0), data.as_ref())?;
    if (buffer::exact(data.as_ref()).len() as i64) < want {
        return Err(vm.raise(Exc::EOFError, "read() didn't return enough bytes"));
    }
    Ok(none())
}

pub(super) fn repr(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let (code, n) = {
        let a = this(vm, r)?;
        (a.code, a.len(vm))
    };
    let class = vm.type_name(r);
    let class = class.rsplit('.').next().unwrap_or_default();
    let shown = char::from(code);
    if n == 0 {
        return vm.new_str(&format!("{class}('{shown}')"));
    }
    let items = if is_text(code) { vm.call_method(r, "tounicode", &[])? } else { to_list(vm, r)? };
    let items = vm.repr(items.as_ref())?;
    let mut out = hognose_vm::TextBuf::new();
    out.push(vm, format!("{class}('{shown}', ").as_bytes())?;
    out.push(vm, str_bytes(items.as_ref()))?;
    out.push(vm, b")")?;
    out.to_str(vm)
}

/// Machine formats of the codes, as pickles have them: size, sign, order.
fn machine_format(code: u8) -> i64 {
    match (code, width(code)) {
        (b'f', _) => 14,
        (b'd', _) => 16,
        (b'u' | b'w', _) => 20,
        (b'B', _) => 0,
        (b'b', _) => 1,
        (b'H', _) => 2,
        (b'h', _) => 4,
        (c, 4) => {
            if c.is_ascii_uppercase() {
                6
            } else {
                8
            }
        }
        (c, _) => {
            if c.is_ascii_uppercase() {
                10
            } else {
                12
            }
        }
    }
}

fn reduce(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let r = a.get(0);
    let x = this(vm, r)?;
    let protocol = vm.index_isize(a.get(1), true)?;
    let dict = vm.instance_dict(r)?.unwrap_or_else(none);
    let class = vm.class_of(r).owned();
    let code = vm.new_str_bytes(&[x.code])?;
    if protocol < 3 {
        let list = to_list(vm, r)?;
        let args = vm.new_pair(code, list)?;
        return vm.new_tuple(vec![class, args, dict]);
    }
    let module = vm.import_dotted("array")?;
    let f = vm.get_attr_name(module.as_ref(), "_array_reconstructor")?;
    let format = vm.new_int(machine_format(x.code))?;
    let bytes = x.copy_bytes(vm, 0, usize::MAX)?;
    let args = vm.new_tuple(vec![class, code, format, bytes])?;
    vm.new_tuple(vec![f, args, dict])
}

/// `(kind, size, signed, big-endian)` of a machine format; kinds: integer, float, UTF-16, UTF-32.
fn described(format: i64) -> Option<(u8, usize, bool, bool)> {
    Some(match format {
        0 => (b'i', 1, false, false),
        1 => (b'i', 1, true, false),
        2..=13 => {
            let k = format - 2;
            (b'i', [2, 4, 8][(k / 4) as usize], k % 4 >= 2, k % 2 == 1)
        }
        14 | 15 => (b'f', 4, true, format == 15),
        16 | 17 => (b'f', 8, true, format == 17),
        18 | 19 => (b't', 2, false, format == 19),
        20 | 21 => (b't', 4, false, format == 21),
        _ => return None,
    })
}

/// `_array_reconstructor(arraytype, typecode, mformat_code, items)`
pub(super) fn reconstruct(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let ours = vm.native_class::<TypedBuffer>();
    match (TypeRef::new(a.get(0)), ours) {
        (None, _) => return Err(vm.type_error("first argument must be a type object")),
        (Some(c), Some(t)) if !c.is_subclass_of(t) => {
            let name = c.name();
            return Err(vm.type_error(&format!("{name} is not a subtype of array.array")));
        }
        _ => {}
    }
    let code = match str_bytes(a.get(1)) {
        [c] if item::CODES.contains(c) => *c,
        _ => return Err(vm.value_error("second argument must be a valid type code")),
    };
    let format = i64::from(vm.index_i32(a.get(2))?);
    let Some((kind, size, signed, big)) = described(format) else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    let class = vm.type_name(a.get(3));
    if hognose_vm::object::bytes::bytes_of(crate::prelude::base_value(a.get(3))).is_none() {
        return Err(vm.type_error(&format!("fourth argument should be bytes, not {class}")));
    }
    let data = bytes_arg(vm, a.get(3))?;
    let bytes = buffer::exact(data.as_ref());
    if !bytes.len().is_multiple_of(size) {
        return Err(vm.value_error("string length not a multiple of item size"));
    }
    // Whole numbers may come back under another code that fits their size.
    let code = match kind {
        b'i' => {
            let fits = |c: &u8| {
                width(*c) == size
                    && c.is_ascii_lowercase() == signed
                    && !matches!(c, b'f' | b'd' | b'u' | b'w')
            };
            if fits(&code) { code } else { item::CODES.iter().copied().find(fits).unwrap_or(code) }
        }
        _ => code,
    };
    let code_text: Owned = vm.new_str_bytes(&[code])?;
    let made = vm.call(a.get(0), &[code_text.as_ref()])?;
    if kind == b't' && size == 2 {
        let name = vm.new_str(if big { "utf-16-be" } else { "utf-16-le" })?;
        let text = vm.call_method(data.as_ref(), "decode", &[name.as_ref()])?;
        add_text(vm, made.as_ref(), str_bytes(text.as_ref()))?;
        return Ok(made);
    }
    change::add_bytes(vm, made.as_ref(), bytes)?;
    if big {
        vm.call_method(made.as_ref(), "byteswap", &[])?;
    }
    Ok(made)
}
