//! The module `_locale`: the C locale, UTF-8, which is the only one this interpreter uses.

mod constants;

use crate::host::{add_ints, c_text};
use crate::prelude::{Args, Exc, NativeDef, PyResult, ValueExt, Vm, as_str, new_module};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("setlocale", "category, locale=None, /", setlocale),
    NativeDef::function("localeconv", "", localeconv),
    NativeDef::function("nl_langinfo", "key, /", langinfo),
    NativeDef::function("getencoding", "", |vm, _| vm.new_str("utf-8")),
    NativeDef::function("strcoll", "os1, os2, /", |vm, a| {
        let (x, y) =
            (c_text(vm, a.get(0), "strcoll() argument 1")?, c_text(vm, a.get(1), "strcoll() argument 2")?);
        vm.new_int(x.cmp(&y) as i64)
    }),
    NativeDef::function("strxfrm", "string, /", |vm, a| {
        c_text(vm, a.get(0), "strxfrm() argument")?;
        Ok(a.get(0).owned())
    }),
    NativeDef::function("gettext", "msg, /", |_, a| Ok(a.get(0).owned())),
    NativeDef::function("dgettext", "domain, msg, /", |_, a| Ok(a.get(1).owned())),
    NativeDef::function("dcgettext", "domain, msg, category, /", |_, a| Ok(a.get(1).owned())),
    NativeDef::function("textdomain", "domain, /", |vm, a| {
        if a.get(0).is_none() { vm.new_str("messages") } else { Ok(a.get(0).owned()) }
    }),
    NativeDef::function("bindtextdomain", "domain, dir, /", |vm, a| {
        if as_str(a.get(0)).is_some_and(|s| s.as_bytes().is_empty()) {
            let class = locale_error(vm)?;
            let text = vm.new_str("domain must be a non-empty string")?;
            let e = vm.call(class.as_ref(), &[text.as_ref()])?;
            return Err(vm.raise_object(e));
        }
        if a.get(1).is_none() { vm.new_str("/usr/share/locale") } else { Ok(a.get(1).owned()) }
    }),
    NativeDef::function("bind_textdomain_codeset", "domain, codeset, /", |_, a| Ok(a.get(1).owned())),
];

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_locale", "Support for POSIX locales.", FUNCTIONS)?;
    add_ints(vm, &module, &[constants::SYSTEM, constants::OTHER])?;
    let base = vm.exc_class(Exc::Exception);
    let error = vm.new_class("locale", "Error", &[base.as_ref()])?;
    vm.module_set(module.as_ref(), "Error", error)?;
    Ok(module)
}

fn locale_error(vm: &mut Vm) -> PyResult {
    let modules = vm.modules().owned();
    match vm.dict_get_name(modules.as_ref(), "_locale")? {
        Some(m) => vm.get_attr_name(m.as_ref(), "Error"),
        None => Ok(vm.exc_class(Exc::Exception).owned()),
    }
}

/// The name of the locale in use: it never changes but for being named.
fn setlocale(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let category = vm.index_i32(args.get(0))?;
    let error = |vm: &mut Vm, text: &str| -> PyResult {
        let class = locale_error(vm)?;
        let text = vm.new_str(text)?;
        let e = vm.call(class.as_ref(), &[text.as_ref()])?;
        Err(vm.raise_object(e))
    };
    if !(0..=12).contains(&category) {
        return error(vm, "invalid locale category");
    }
    let current = if category == libc::LC_CTYPE { "C.UTF-8" } else { "C" };
    let Some(wanted) = args.opt(1).filter(|l| !l.is_none()) else {
        return vm.new_str(if category == libc::LC_ALL {
            "LC_CTYPE=C.UTF-8;LC_NUMERIC=C;LC_TIME=C;LC_COLLATE=C;LC_MONETARY=C;LC_MESSAGES=C;LC_PAPER=C;LC_NAME=C;\
             LC_ADDRESS=C;LC_TELEPHONE=C;LC_MEASUREMENT=C;LC_IDENTIFICATION=C"
        } else {
            current
        });
    };
    let wanted = vm.expect_str(wanted, "setlocale() argument 2")?.into_owned();
    match wanted.as_str() {
        "" => vm.new_str("C.UTF-8"),
        "C" | "POSIX" => vm.new_str("C"),
        w if w.eq_ignore_ascii_case("C.UTF-8") || w.eq_ignore_ascii_case("C.utf8") => vm.new_str("C.UTF-8"),
        w if w.starts_with("LC_CTYPE=C") => vm.new_str(w),
        _ => error(vm, "unsupported locale setting"),
    }
}

fn localeconv(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let dict = vm.new_dict()?;
    let texts = [
        ("decimal_point", "."),
        ("thousands_sep", ""),
        ("int_curr_symbol", ""),
        ("currency_symbol", ""),
        ("mon_decimal_point", ""),
        ("mon_thousands_sep", ""),
        ("positive_sign", ""),
        ("negative_sign", ""),
    ];
    for (name, value) in texts {
        let value = vm.new_str(value)?;
        vm.dict_set_name(dict.as_ref(), name, value)?;
    }
    for name in ["grouping", "mon_grouping"] {
        let empty = vm.new_list(Vec::new())?;
        vm.dict_set_name(dict.as_ref(), name, empty)?;
    }
    let numbers = [
        "int_frac_digits",
        "frac_digits",
        "p_cs_precedes",
        "p_sep_by_space",
        "n_cs_precedes",
        "n_sep_by_space",
        "p_sign_posn",
        "n_sign_posn",
    ];
    for name in numbers {
        let value = vm.new_int(127)?;
        vm.dict_set_name(dict.as_ref(), name, value)?;
    }
    Ok(dict)
}

fn langinfo(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let key = vm.index_i32(args.get(0))?;
    let known = constants::SYSTEM.iter().any(|(n, v)| *v == i64::from(key) && !n.starts_with("LC_"));
    if !known && key != 131_180 {
        return Err(vm.value_error("unsupported langinfo constant"));
    }
    if key == libc::CODESET {
        return vm.new_str("UTF-8");
    }
    let p = crate::host::sys!(nl_langinfo(key));
    if p.is_null() {
        return vm.new_str("");
    }
    // SAFETY: a constant string of the C library.
    #[allow(unsafe_code, reason = "reads a string of the C library")]
    let text = unsafe { std::ffi::CStr::from_ptr(p) }.to_bytes().to_vec();
    vm.fs_str(&text)
}
