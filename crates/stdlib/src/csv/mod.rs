//! The module `_csv`: rows to lines and back.
//!
//!   dialect.rs  what separates and quotes      reader.rs  a machine over characters      writer.rs  one row at a time

mod dialect;
mod reader;
mod writer;

use crate::prelude::{
    Exc, NativeDef, Owned, PyResult, Raised, Ref, Vm, add_exception, as_str, base_value, is_int, new_module,
    none, raise_of,
};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("reader", "*args, **fmtparams", reader::make),
    NativeDef::function("writer", "*args, **fmtparams", writer::make),
    NativeDef::function("register_dialect", "*args, **fmtparams", |vm, a| {
        let Some(&name) = a.pos.first() else {
            return Err(vm.type_error("register_dialect expected at least 1 argument, got 0"));
        };
        if a.pos.len() > 2 {
            let n = a.pos.len();
            return Err(vm.type_error(&format!("register_dialect expected at most 2 arguments, got {n}")));
        }
        if as_str(name).is_none() {
            return Err(vm.type_error("dialect name must be a string"));
        }
        let d = dialect::get(vm, a.pos.get(1).copied(), a.kwnames, a.kwvalues)?;
        let all = registry(vm)?;
        vm.dict_set(all.as_ref(), name, d.as_ref())?;
        Ok(none())
    }),
    NativeDef::function("unregister_dialect", "name", |vm, a| {
        let all = registry(vm)?;
        match vm.dict_del(all.as_ref(), a.get(0))? {
            Some(_) => Ok(none()),
            None => Err(error(vm, "unknown dialect")),
        }
    }),
    NativeDef::function("get_dialect", "name", |vm, a| dialect::by_name(vm, a.get(0))),
    NativeDef::function("list_dialects", "", |vm, _| {
        let all = registry(vm)?;
        vm.to_list(all.as_ref())
    }),
    NativeDef::function("field_size_limit", "new_limit=<unrepresentable>", |vm, a| {
        let old = vm.state::<Limit>().0;
        if let Some(r) = a.opt(0) {
            if !is_int(base_value(r)) {
                return Err(vm.type_error("limit must be an integer"));
            }
            let n = vm.ssize_arg(r)?;
            vm.state::<Limit>().0 = n;
        }
        vm.new_int(old as i64)
    }),
];

/// Longest field a reader accepts.
struct Limit(isize);

impl Default for Limit {
    fn default() -> Limit {
        Limit(128 << 10)
    }
}

/// Makes the module `_csv`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_csv", "CSV parsing and writing.\n", FUNCTIONS)?;
    let names = ["MINIMAL", "ALL", "NONNUMERIC", "NONE", "STRINGS", "NOTNULL"];
    for (n, name) in names.into_iter().enumerate() {
        let n = vm.new_int(n as i64)?;
        vm.module_set(module.as_ref(), &format!("QUOTE_{name}"), n)?;
    }
    let all = vm.new_dict()?;
    vm.module_set(module.as_ref(), "_dialects", all)?;
    add_exception(vm, module.as_ref(), "Error", "_csv", Exc::Exception)?;
    dialect::register(vm, module.as_ref())?;
    reader::register(vm, module.as_ref())?;
    writer::register(vm, module.as_ref())?;
    Ok(module)
}

/// The dict of dialects by name.
fn registry(vm: &mut Vm) -> PyResult<Owned> {
    let module = vm.import_dotted("_csv")?;
    vm.get_attr_name(module.as_ref(), "_dialects")
}

/// `_csv.Error`
#[cold]
fn error(vm: &mut Vm, message: &str) -> Raised {
    raise_of(vm, "_csv", "Error", message)
}

/// The one argument before the dialect.
fn first<'a>(vm: &mut Vm, args: &[Ref<'a>], name: &str) -> PyResult<Ref<'a>> {
    match args {
        [one] | [one, _] => Ok(*one),
        [] => Err(vm.type_error(&format!("{name} expected at least 1 argument, got 0"))),
        _ => {
            let n = args.len();
            Err(vm.type_error(&format!("{name} expected at most 2 arguments, got {n}")))
        }
    }
}
