//! `hognose.memory`: the heap's answers as Python functions, on top of what the native module has.
//!
//! ```text
//!   retained, why ─► dump of the heap into memory ─► inspect ─► numbers and texts
//!   snapshot, diff, budget, watch ─► memory.py, on the primitives here
//! ```
//! A dump for a question of the program itself is charged to its limit while it exists.

use hognose_inspect::{Dominators, Graph, Paths};
use hognose_vm::{Args, NativeDef, Owned, PyResult, Vm, none};
use std::io::Write;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("_watch", "depth=1, /", watch),
    NativeDef::function("_unwatch", "", unwatch),
    NativeDef::function("is_watched", "", is_watched),
    NativeDef::function("retained", "obj, /", retained),
    NativeDef::function("why", "obj, /", why),
    NativeDef::function("dump", "path, /", dump),
    NativeDef::function("_lines", "", lines),
    NativeDef::function("_classes", "", classes),
    NativeDef::function("_used", "", used),
];

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult {
    let module = hognose_stdlib::hognose::make_memory(vm)?;
    vm.add_functions(module.as_ref(), FUNCTIONS)?;
    // The part in Python finds the primitives in the module it extends.
    let modules = vm.modules().owned();
    vm.dict_set_name(modules.as_ref(), "hognose.memory", module.clone())?;
    let part = vm.import_source("hognose._memory", "<embedded hognose.memory>", include_str!("memory.py"))?;
    for name in ["Snapshot", "snapshot", "diff", "budget", "BudgetExceeded", "watch"] {
        let v = vm.get_attr_name(part.as_ref(), name)?;
        vm.module_set(module.as_ref(), name, v)?;
    }
    Ok(module)
}

/// Makes `memory_profiler`: programs marked with its `@profile` run as they are; `hognose mem lines` has the table.
pub(crate) fn make_profiler(vm: &mut Vm) -> PyResult {
    vm.import_source("memory_profiler", "<embedded memory_profiler>", include_str!("memory_profiler.py"))
}

fn watch(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let depth = match args.opt(0) {
        Some(n) => vm.index_isize(n, false)?,
        None => 1,
    };
    vm.watch_allocations(usize::try_from(depth).unwrap_or(1));
    Ok(none())
}

fn unwatch(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    vm.unwatch_allocations();
    Ok(none())
}

fn is_watched(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    Ok(hognose_vm::owned_bool(vm.heap().is_watched()))
}

fn used(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let n = vm.heap().bytes_used();
    vm.new_int(n as i64)
}

/// A writer into memory that the heap's limit knows of.
struct Charged<'a>(&'a Vm, Vec<u8>, usize);

impl Write for Charged<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.heap().charge_external(bytes.len()).map_err(std::io::Error::other)?;
        self.2 += bytes.len();
        self.1.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The heap as a graph; MemoryError when the limit leaves no room for looking.
fn graph(vm: &mut Vm) -> PyResult<Graph> {
    let objects = vm.heap().objects_live();
    // What the graph and the walk over it will take, per object; given back when the answer is there.
    let room = objects.saturating_mul(160);
    vm.heap().charge_external(room)?;
    let mut out = Charged(vm, Vec::new(), 0);
    let written = vm.dump_heap(&mut out, "{}");
    let (bytes, charged) = (std::mem::take(&mut out.1), out.2);
    let read = written.and_then(|_| Graph::read(bytes.as_slice()));
    vm.heap().discharge_external(charged + room);
    match read {
        Ok(g) => Ok(g),
        Err(_) => Err(hognose_vm::object::OutOfMemory { requested: room }.into()),
    }
}

/// The node of an object, if it is one.
fn node_of(g: &Graph, v: hognose_vm::Value) -> Option<u32> {
    if !v.is_ptr() {
        return None;
    }
    g.address.binary_search(&(v.bits() / 8)).ok().map(|i| i as u32)
}

fn retained(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let g = graph(vm)?;
    // The argument itself holds the object: look from it, not from the roots.
    let n = match node_of(&g, args.get(0).value()) {
        Some(node) => {
            let mut starts: Vec<u32> = g.roots.iter().map(|r| r.node).chain(g.held_outside()).collect();
            starts.push(node);
            let d = Dominators::from(&g, &starts);
            d.retained[node as usize]
        }
        None => 8,
    };
    vm.new_int(n as i64)
}

fn why(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let g = graph(vm)?;
    let text = match node_of(&g, args.get(0).value()) {
        Some(node) => Paths::new(&g).expression(&g, node),
        None => "a number lives in the variable itself: nothing holds it".to_string(),
    };
    vm.new_str(&text)
}

fn dump(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let path = vm.text_of(args.get(0));
    let written = std::fs::File::create(&path).and_then(|f| {
        let mut out = std::io::BufWriter::new(f);
        vm.dump_heap(&mut out, "{}")
    });
    match written {
        Ok(n) => vm.new_int(n as i64),
        Err(e) => Err(vm.raise(hognose_vm::Exc::OSError, &format!("{path}: {e}"))),
    }
}

/// Rows `(file, line, live bytes, live blocks, peak bytes, total bytes)` of the watched lines.
fn lines(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let mut rows: std::collections::BTreeMap<(String, u32), [u64; 4]> = std::collections::BTreeMap::new();
    for (site, u) in vm.heap().site_uses() {
        let Some((place, _)) = vm.site_place(site) else { continue };
        let row = rows.entry((place.filename().to_string(), place.line)).or_default();
        for (sum, n) in row.iter_mut().zip([u.live_bytes, u.live_blocks, u.peak_bytes, u.total_bytes]) {
            *sum += n;
        }
    }
    let mut out: Vec<Owned> = Vec::new();
    for ((file, line), numbers) in rows {
        let mut fields = vec![vm.intern(&file)?, vm.new_int(i64::from(line))?];
        for n in numbers {
            fields.push(vm.new_int(n as i64)?);
        }
        out.push(vm.new_tuple(fields)?);
    }
    vm.new_list(out)
}

/// Rows `(class, objects, bytes)`.
fn classes(vm: &mut Vm, _args: &Args<'_>) -> PyResult {
    let mut out: Vec<Owned> = Vec::new();
    for (class, objects, bytes) in vm.classes_in_use() {
        let fields = vec![vm.intern(&class)?, vm.new_int(objects as i64)?, vm.new_int(bytes as i64)?];
        out.push(vm.new_tuple(fields)?);
    }
    vm.new_list(out)
}
