//! `SyntaxError`: message and place.

use super::{base, fields};
use crate::args::Args;
use crate::define::TypeDef;
use crate::text::as_str;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::{Layout, Ref, ValueExt, int};

/// `SyntaxError`
pub static SYNTAX_ERROR: TypeDef = TypeDef {
    name: "SyntaxError",
    layout: Layout::Exception,
    doc: "Invalid syntax.",
    slots: Slots { init: Some(init), str: Some(str), ..Slots::NONE },
    ..TypeDef::EMPTY
};

const PLACE: [&str; 7] = ["filename", "lineno", "offset", "text", "end_lineno", "end_offset", "_metadata"];

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    base::init(vm, args)?;
    let (exc, rest) = (args.get(0), args.rest(1));
    let Some(&msg) = rest.first() else { return Ok(()) };
    fields::store(vm, exc, "msg", msg)?;
    let [_, place] = rest else { return Ok(()) };
    let items = vm.collect(*place)?;
    let n = items.len();
    if n < 4 {
        return Err(vm.type_error(&format!("function takes at least 4 arguments ({n} given)")));
    }
    if n > 7 {
        return Err(vm.type_error(&format!("function takes at most 7 arguments ({n} given)")));
    }
    for (name, value) in PLACE.iter().zip(&items) {
        fields::store(vm, exc, name, value.as_ref())?;
    }
    if n == 5 {
        return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
    }
    Ok(())
}

fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let filename = fields::load(vm, r, "filename")?;
    let lineno = fields::load(vm, r, "lineno")?.filter(|n| int::is_int(n.as_ref()) && !n.as_ref().is_bool());
    let name = filename.as_ref().and_then(|f| as_str(f.as_ref())).map(|s| {
        let bytes = s.as_bytes();
        let start = bytes.iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1);
        bytes[start..].to_vec()
    });
    let msg = fields::load(vm, r, "msg")?.unwrap_or_else(hognose_object::none);
    let msg = vm.str(msg.as_ref())?;
    let mut out = crate::text::str_bytes(msg.as_ref()).to_vec();
    let line = lineno.map(|n| vm.text_of(n.as_ref()));
    match (name, line) {
        (Some(name), Some(line)) => {
            out.extend_from_slice(b" (");
            out.extend_from_slice(&name);
            out.extend_from_slice(format!(", line {line})").as_bytes());
        }
        (Some(name), None) => {
            out.extend_from_slice(b" (");
            out.extend_from_slice(&name);
            out.push(b')');
        }
        (None, Some(line)) => out.extend_from_slice(format!(" (line {line})").as_bytes()),
        (None, None) => return Ok(msg),
    }
    vm.new_str_bytes(&out)
}
