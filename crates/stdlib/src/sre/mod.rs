//! The module `_sre`: the engine behind `re`.
//!
//! ```text
//!  words of re._compiler ─► translate ─► program ─► search ─► machine
//!                             │ link                  pattern  Pattern, Scanner
//!                             └ chars                 found    Match      template  replacement
//! ```
//! Matching uses no native recursion; its stack counts against the guest's limit; an interrupt stops it.

mod chars;
#[allow(dead_code, reason = "the table is complete")]
mod codes;
mod found;
mod link;
mod machine;
mod pattern;
mod program;
mod search;
mod steps;
mod substitute;
mod template;
mod translate;

use crate::prelude::{NativeDef, PyResult, Ref, Vm, new_module, owned_bool};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("getcodesize", "", |vm, _| vm.new_int(4)),
    NativeDef::function("ascii_iscased", "character, /", |vm, a| {
        let c = code(vm, a.get(0))?;
        Ok(owned_bool(c < 128 && (c as u8).is_ascii_alphabetic()))
    }),
    NativeDef::function("unicode_iscased", "character, /", |vm, a| {
        let c = code(vm, a.get(0))?;
        Ok(owned_bool(chars::is_cased_unicode(c)))
    }),
    NativeDef::function("ascii_tolower", "character, /", |vm, a| {
        let c = code(vm, a.get(0))?;
        vm.new_int(i64::from(chars::lower_ascii(c)))
    }),
    NativeDef::function("unicode_tolower", "character, /", |vm, a| {
        let c = code(vm, a.get(0))?;
        vm.new_int(i64::from(chars::lower_unicode(c)))
    }),
    NativeDef::function("compile", "pattern, flags, code, groups, groupindex, indexgroup", pattern::compile),
    NativeDef::function("template", "pattern, template, /", template::make),
];

fn code(vm: &mut Vm, r: Ref<'_>) -> PyResult<u32> {
    Ok(vm.index_i32(r)? as u32)
}

/// Makes the module `_sre`.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = new_module(vm, "_sre", "", FUNCTIONS)?;
    for (name, n) in
        [("MAGIC", 20_230_612), ("CODESIZE", 4), ("MAXREPEAT", 0xffff_ffff), ("MAXGROUPS", 0x3fff_ffff)]
    {
        let n = vm.new_int(n)?;
        vm.module_set(module.as_ref(), name, n)?;
    }
    let text = vm.new_str(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ")?;
    vm.module_set(module.as_ref(), "copyright", text)?;
    pattern::register(vm)?;
    found::register(vm)?;
    template::register(vm)?;
    Ok(module)
}
