//! The modules `hognose` and `hognose.memory`: the heap seen from Python.

use crate::support;
use hognose_vm::heap::{Family, PAGE, Stats};
use hognose_vm::{Args, NativeDef, Owned, PyResult, Vm, as_str, none};

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("heap_stats", "", heap_stats),
    NativeDef::function("reset_peak", "", reset_peak),
    NativeDef::function("peak", "", peak),
    NativeDef::function("limit", "bytes=None, /", limit),
    NativeDef::function("sizeof", "obj, /", sizeof),
    NativeDef::function("verify", "", verify),
];

/// Makes the package `hognose`.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "The Hognose interpreter: its version, and its heap in hognose.memory.";
    let module = support::module(vm, "hognose", doc, &[])?;
    let version = vm.new_str(env!("CARGO_PKG_VERSION"))?;
    support::set(vm, &module, "__version__", version)?;
    let path = vm.new_list(Vec::new())?;
    support::set(vm, &module, "__path__", path)?;
    Ok(module)
}

/// Makes the module `hognose.memory`.
pub fn make_memory(vm: &mut Vm) -> PyResult {
    let doc = "The heap of this interpreter: how much it holds, in what, and its limit.";
    support::module(vm, "hognose.memory", doc, FUNCTIONS)
}

/// A stored count.
fn put(vm: &mut Vm, dict: &Owned, name: &str, n: usize) -> PyResult<()> {
    let n = vm.new_int(i64::try_from(n).unwrap_or(i64::MAX))?;
    vm.dict_set_name(dict.as_ref(), name, n)
}

/// Pages in use: those of size classes and those of runs.
pub(crate) fn pages_used(stats: &Stats) -> usize {
    stats.classes.iter().map(|c| c.pages).sum::<usize>() + stats.run_bytes / PAGE
}

/// The name of what pages hold.
pub(crate) fn family_name(family: Family) -> &'static str {
    match family {
        Family::Traced => "traced",
        Family::Leaf => "leaf",
        Family::Buffer => "buffer",
    }
}

fn heap_stats(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let stats = vm.heap().stats();
    let (used, peak, limit) = (vm.heap().bytes_used(), vm.heap().peak_bytes(), vm.heap().limit());
    let out = vm.new_dict()?;
    put(vm, &out, "pages_used", pages_used(&stats))?;
    put(vm, &out, "page_bytes", PAGE)?;
    put(vm, &out, "bytes_used", used)?;
    put(vm, &out, "bytes_peak", peak)?;
    match limit {
        Some(n) => put(vm, &out, "limit", n)?,
        None => vm.dict_set_name(out.as_ref(), "limit", none())?,
    }
    put(vm, &out, "objects_live", stats.objects_live)?;
    put(vm, &out, "blocks_free", stats.classes.iter().map(|c| c.blocks_free).sum())?;
    put(vm, &out, "collections", stats.collections as usize)?;
    let mut rows = Vec::new();
    for class in &stats.classes {
        let row = vm.new_dict()?;
        let family = vm.new_str(family_name(class.family))?;
        vm.dict_set_name(row.as_ref(), "family", family)?;
        put(vm, &row, "block_bytes", class.block_bytes)?;
        put(vm, &row, "pages", class.pages)?;
        put(vm, &row, "blocks_live", class.blocks_live)?;
        put(vm, &row, "blocks_free", class.blocks_free)?;
        rows.push(row);
    }
    let rows = vm.new_list(rows)?;
    vm.dict_set_name(out.as_ref(), "classes", rows)?;
    Ok(out)
}

fn reset_peak(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.heap().reset_peak();
    Ok(none())
}

fn peak(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.heap().peak_bytes();
    vm.new_int(n as i64)
}

/// `"64M"` in bytes.
pub fn parse_size(text: &str) -> Option<usize> {
    let text = text.trim();
    let text = text.strip_suffix(['B', 'b']).unwrap_or(text);
    let text = text.strip_suffix('i').unwrap_or(text);
    let (digits, shift) = match text.char_indices().last()? {
        (i, 'k' | 'K') => (&text[..i], 10),
        (i, 'm' | 'M') => (&text[..i], 20),
        (i, 'g' | 'G') => (&text[..i], 30),
        _ => (text, 0),
    };
    digits.trim().parse::<usize>().ok()?.checked_mul(1 << shift)
}

/// `limit()` tells the limit, `limit(n)` sets it to bytes or a size like `"64M"`; both give the limit before.
fn limit(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let before = match vm.heap().limit() {
        Some(n) => vm.new_int(n as i64)?,
        None => none(),
    };
    let Some(value) = args.opt(0) else { return Ok(before) };
    let bytes = if hognose_vm::ValueExt::is_none(value) {
        None
    } else if let Some(text) = as_str(value) {
        let text = text.to_lossy().into_owned();
        match parse_size(&text) {
            Some(n) => Some(n),
            None => return Err(vm.value_error(&format!("not a size in bytes: '{text}'"))),
        }
    } else {
        let n = vm.index_isize(value, false)?;
        match usize::try_from(n) {
            Ok(n) => Some(n),
            Err(_) => return Err(vm.value_error("a limit must not be negative")),
        }
    };
    vm.heap().set_limit(bytes);
    Ok(before)
}

fn sizeof(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let n = crate::sys::memory::object_bytes(vm, args.get(0));
    vm.new_int(n as i64)
}

fn verify(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    match vm.heap().verify() {
        Ok(()) => Ok(none()),
        Err(finding) => Err(vm.runtime_error(&finding)),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("64M"), Some(64 << 20));
        assert_eq!(parse_size("1 GiB"), Some(1 << 30));
        assert_eq!(parse_size("512"), Some(512));
        assert_eq!(parse_size("x"), None);
        assert_eq!(parse_size(""), None);
    }
}
