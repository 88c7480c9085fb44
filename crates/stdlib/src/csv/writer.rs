//! Writing.

use super::dialect::{self, ALL, Dialect, NONE, NONNUMERIC, NOTNULL, STRINGS};
use super::{error, first};
use crate::prelude::{
    Args, Exc, GetSetDef, NativeDef, Owned, PyResult, Ref, TypeDef, TypeFlags, ValueExt, Vm, as_str, none,
    payload, str_bytes, trace_fields,
};
use hognose_vm::TextBuf;
use hognose_vm::object::str::code_points;

/// Payload of `_csv.writer`.
struct Writer {
    write: Owned,
    dialect: Owned,
}
trace_fields!(Writer { write, dialect });

static TYPE: TypeDef = TypeDef {
    name: "_csv.writer",
    doc: "CSV writer",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    methods: &[
        NativeDef::method("writerow", "$self, row, /", |vm, a| write_row(vm, a.get(0), a.get(1))),
        NativeDef::method("writerows", "$self, rows, /", |vm, a| {
            let mut rows = vm.iterate(a.get(1))?;
            while let Some(row) = rows.next(vm)? {
                write_row(vm, a.get(0), row.as_ref())?;
            }
            Ok(none())
        }),
    ],
    getset: &[GetSetDef::read("dialect", |vm, r| match payload::<Writer>(r) {
        Some(x) => Ok(x.dialect.clone()),
        None => Ok(vm.none()),
    })],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Writer>(&TYPE)?;
    vm.module_set(module, "Writer", class.owned())
}

/// `_csv.writer(fileobj, /, dialect="excel", **fmtparams)`
pub(super) fn make(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let file = first(vm, a.pos, "writer")?;
    let dialect = dialect::get(vm, a.pos.get(1).copied(), a.kwnames, a.kwvalues)?;
    let name = vm.intern("write")?;
    match vm.get_attr_opt(file, name.as_ref())? {
        Some(write) if vm.class_of(write.as_ref()).slots().call.is_some() => {
            vm.new_native(Writer { write, dialect })
        }
        _ => Err(vm.type_error("argument 1 must have a \"write\" method")),
    }
}

fn write_row(vm: &mut Vm, r: Ref<'_>, row: Ref<'_>) -> PyResult {
    let Some(w) = payload::<Writer>(r) else { return Err(vm.type_error("a writer is required")) };
    let d = dialect::this(vm, w.dialect.as_ref())?;
    let mut fields = match vm.iterate(row) {
        Ok(f) => f,
        Err(e) if vm.raised_is(&e, Exc::TypeError) => {
            vm.discard(e);
            let class = vm.type_name(row);
            return Err(error(vm, &format!("iterable expected, not {class}")));
        }
        Err(e) => return Err(e),
    };
    let mut out = TextBuf::new();
    let (mut n, mut null) = (0, false);
    while let Some(field) = fields.next(vm)? {
        let f = field.as_ref();
        let quoted = match d.quoting {
            NONNUMERIC => !is_number(vm, f),
            ALL => true,
            STRINGS => as_str(f).is_some(),
            NOTNULL => !f.is_none(),
            _ => false,
        };
        null = f.is_none();
        let text = match as_str(f) {
            Some(_) => field.clone(),
            None if null => vm.new_str("")?,
            None => vm.str(f)?,
        };
        if n > 0 {
            out.push_char(vm, d.delimiter)?;
        }
        append(vm, d, &mut out, str_bytes(text.as_ref()), quoted, null)?;
        n += 1;
    }
    if n > 0 && out.as_bytes().is_empty() {
        if d.quoting == NONE || (null && (d.quoting == STRINGS || d.quoting == NOTNULL)) {
            return Err(error(vm, "single empty field record must be quoted"));
        }
        append(vm, d, &mut out, b"", true, false)?;
    }
    out.push(vm, str_bytes(d.terminator.as_ref()))?;
    let line = out.to_str(vm)?;
    vm.call(w.write.as_ref(), &[line.as_ref()])
}

fn is_number(vm: &Vm, r: Ref<'_>) -> bool {
    let s = vm.class_of(r).slots();
    s.int.is_some() || s.float.is_some() || s.index.is_some()
}

/// Appends one field, quoted if it must be.
fn append(
    vm: &mut Vm,
    d: &Dialect,
    out: &mut TextBuf,
    text: &[u8],
    quoted: bool,
    null: bool,
) -> PyResult<()> {
    let mut quoted = quoted;
    if text.is_empty() && d.delimiter == 32 && d.skip_space {
        if d.quoting == NONE || (null && (d.quoting == STRINGS || d.quoting == NOTNULL)) {
            return Err(error(
                vm,
                "empty field must be quoted if delimiter is a space and skipinitialspace is true",
            ));
        }
        quoted = true;
    }
    let terminator = str_bytes(d.terminator.as_ref());
    let mut inner = TextBuf::new();
    for c in code_points(text) {
        let special = c == d.delimiter
            || Some(c) == d.escape
            || Some(c) == d.quote
            || c == 10
            || c == 13
            || code_points(terminator).any(|t| t == c);
        if special {
            let mut escape = d.quoting == NONE;
            if !escape {
                if Some(c) == d.quote {
                    if d.double_quote {
                        inner.push_char(vm, c)?;
                    } else {
                        escape = true;
                    }
                } else if Some(c) == d.escape {
                    escape = true;
                }
                quoted |= !escape;
            }
            if escape {
                let Some(e) = d.escape else {
                    return Err(error(vm, "need to escape, but no escapechar set"));
                };
                inner.push_char(vm, e)?;
            }
        }
        inner.push_char(vm, c)?;
    }
    let quote = d.quote.filter(|_| quoted);
    if let Some(q) = quote {
        out.push_char(vm, q)?;
    }
    out.push(vm, inner.as_bytes())?;
    if let Some(q) = quote {
        out.push_char(vm, q)?;
    }
    Ok(())
}
