//! MemoryError at the heap's limit says where, how much, and what the memory is full of.
//!
//!   heap limit 32.0 MiB reached (in use 31.9 MiB, asked 16.0 KiB) at app.py:7 in load()
//!     biggest: str 21.3 MiB, list 8.2 MiB, dict 1.1 MiB
//!
//! Without a limit of its own a MemoryError is CPython's: no text. Finding what is biggest walks the heap, so only the
//! first few errors of a program say it. Nothing here needs more of the guest's heap than the text and four numbers;
//! if even those do not fit, the error comes without them.
#![allow(unsafe_code, reason = "reads headers found by walking the heap")]

use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_object::Owned;
use std::collections::HashMap;

/// Errors that say what is biggest.
const EXPLAINED_MAX: usize = 3;
/// Classes they name.
const BIGGEST: usize = 3;

/// How many MemoryErrors met the limit so far.
#[derive(Default)]
struct Met(usize);

/// A size for people.
fn size_text(n: usize) -> String {
    let mib = n as f64 / f64::from(1 << 20);
    match n {
        0..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{:.1} KiB", n as f64 / 1024.0),
        _ => format!("{mib:.1} MiB"),
    }
}

impl Vm {
    pub(crate) fn explained_memory_error(&mut self) -> PyResult {
        let (limit, asked) = (self.heap.limit(), self.heap.last_refused());
        let Some(limit) = limit.filter(|_| asked > 0) else {
            return self.new_exception(Exc::MemoryError, Vec::new());
        };
        let used = self.heap.bytes_used();
        let place = self.current_place().map_or_else(String::new, |(p, _)| {
            let file = p.filename().rsplit('/').next().unwrap_or("").to_string();
            format!(" at {file}:{} in {}()", p.line, p.function())
        });
        let met = self.state::<Met>();
        met.0 += 1;
        let first_of = met.0;
        let holders = if first_of <= EXPLAINED_MAX { self.biggest_classes() } else { Vec::new() };
        let (limit_text, used_text, asked_text) = (size_text(limit), size_text(used), size_text(asked));
        let mut text =
            format!("heap limit {limit_text} reached (in use {used_text}, asked {asked_text}){place}");
        if !holders.is_empty() {
            let list: Vec<String> =
                holders.iter().map(|(name, bytes)| format!("{name} {}", size_text(*bytes))).collect();
            text.push_str(&format!("\n  biggest: {}", list.join(", ")));
        }
        if first_of == 1
            && let Some((hook, argument)) = self.config.on_limit.clone()
        {
            hook(self, &argument);
        }
        let exc = match self.new_str(&text).and_then(|t| self.new_exception(Exc::MemoryError, vec![t])) {
            Ok(exc) => exc,
            Err(e) => {
                self.discard(e);
                return self.new_exception(Exc::MemoryError, Vec::new());
            }
        };
        for (name, n) in [("limit", limit), ("in_use", used), ("requested", asked)] {
            if let Err(e) = self.set_number(&exc, name, n) {
                self.discard(e);
                break;
            }
        }
        Ok(exc)
    }

    fn set_number(&mut self, o: &Owned, name: &str, n: usize) -> PyResult<()> {
        let (name, n) = (self.intern(name)?, self.new_int(n as i64)?);
        self.set_attr(o.as_ref(), name.as_ref(), Some(n.as_ref()))
    }

    /// The classes whose objects take most, with their bytes.
    fn biggest_classes(&self) -> Vec<(String, usize)> {
        let rows = self.classes_in_use().into_iter().take(BIGGEST);
        rows.map(|(name, _, bytes)| (name, bytes)).collect()
    }

    /// Classes with the number and bytes of their objects, most bytes first.
    pub fn classes_in_use(&self) -> Vec<(String, usize, usize)> {
        let mut by_kind: HashMap<u32, (usize, usize)> = HashMap::new();
        let heap = &self.heap;
        heap.for_each_object(&mut |v| {
            // SAFETY: the walk shows live objects.
            unsafe {
                let h = v.header();
                let bytes = heap.block_size(h.cast()) + (heap.vtable((*h).kind()).buffers)(h);
                let e = by_kind.entry((*h).kind()).or_default();
                (e.0, e.1) = (e.0 + 1, e.1 + bytes);
            }
        });
        let mut by_name: HashMap<String, (usize, usize)> = HashMap::new();
        for (kind, (objects, bytes)) in by_kind {
            if self.shapes.is_known(kind) {
                // SAFETY: shapes know living classes only.
                let name = unsafe { hognose_object::Ref::from_value((*self.shapes.class(kind)).name) };
                let name = String::from_utf8_lossy(crate::text::str_bytes(name)).into_owned();
                let e = by_name.entry(name).or_default();
                (e.0, e.1) = (e.0 + objects, e.1 + bytes);
            }
        }
        let mut rows: Vec<(String, usize, usize)> =
            by_name.into_iter().map(|(c, (n, b))| (c, n, b)).collect();
        rows.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
        rows
    }

    /// Did an allocation meet the heap's limit?
    pub fn met_limit(&self) -> bool {
        self.heap.limit().is_some() && self.heap.last_refused() > 0
    }
}
