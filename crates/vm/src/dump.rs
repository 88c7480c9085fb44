//! Writes the heap down: roots with names, sites, then every object with its references (format: `hognose_object::dump`).
//!
//! One pass over the heap in order of addresses, into a writer, with buffers of fixed size; beside them only the
//! numbers of kinds that were written. No object is made and no collection runs, so it works at the limit.
#![allow(unsafe_code, reason = "reads objects found by walking the heap")]

use crate::Vm;
use crate::text::str_bytes;
use hognose_heap::{Family, SiteId};
use hognose_object::code::CodePtr;
use hognose_object::dump::{self, Label, Writer, preview, root, tag};
use hognose_object::hash::HashSecret;
use hognose_object::objects::MemberObj;
use hognose_object::types::TypeObj;
use hognose_object::{Header, Layout, Ref, Value, ValueExt};
use std::collections::HashMap;
use std::io::{self, Write};

struct Dumper<'a> {
    w: Writer<'a>,
    kinds: HashMap<u32, u64>,
    texts: HashMap<Box<str>, u64>,
    last_address: u64,
}

/// Names of variables kept; others are written without a name.
const TEXTS_MAX: usize = 1 << 16;

impl Vm {
    /// Writes the whole heap to `out`; `about` is kept with it. Gives the number of bytes written.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn dump_heap(&self, out: &mut dyn Write, about: &str) -> io::Result<u64> {
        out.write_all(&dump::MAGIC)?;
        let mut d =
            Dumper { w: Writer::new(out), kinds: HashMap::new(), texts: HashMap::new(), last_address: 0 };
        d.w.int(tag::INFO);
        d.w.text(&self.dump_info(about));
        self.dump_sites(&mut d);
        self.dump_pages(&mut d);
        self.dump_roots(&mut d);
        self.heap.for_each_block(&mut |b| {
            if let Some(v) = b.object() {
                self.dump_object(&mut d, v.header(), b.site);
            }
        });
        d.w.int(tag::END);
        d.w.finish()
    }

    /// Facts about the whole heap, as JSON.
    fn dump_info(&self, about: &str) -> String {
        let (heap, a) = (&self.heap, self.heap.accounting());
        let (live, peak, peak_nanos, peak_site) = heap.watched_totals().unwrap_or_default();
        let mut buffers = 0;
        heap.for_each_block(&mut |b| buffers += if b.family == Family::Buffer { b.bytes } else { 0 });
        let numbers: [(&str, u64); 18] = [
            ("live", a.live as u64),
            ("blocks", a.blocks as u64),
            ("buffers", buffers as u64),
            ("free_in_pages", a.free_in_pages as u64),
            ("untouched", a.untouched as u64),
            ("free_pages", a.free_pages as u64),
            ("metadata", a.metadata as u64),
            ("external", a.external as u64),
            ("committed", a.committed as u64),
            ("peak_used", heap.peak_bytes() as u64),
            ("limit", heap.limit().unwrap_or(0) as u64),
            ("page_bytes", hognose_heap::PAGE as u64),
            ("watched", u64::from(heap.is_watched())),
            ("watched_live", live),
            ("watched_peak", peak),
            ("watched_peak_nanos", peak_nanos),
            ("watched_peak_site", u64::from(peak_site)),
            ("watching_bytes", heap.watching_bytes() as u64),
        ];
        let mut text = String::from("{");
        for (name, n) in numbers {
            text.push_str(&format!("\"{name}\":{n},"));
        }
        let about = if about.trim_start().starts_with('{') { about } else { "{}" };
        text.push_str(&format!("\"about\":{about}}}"));
        text
    }

    fn dump_sites(&self, d: &mut Dumper<'_>) {
        let mut frames: HashMap<(String, String, u32), u64> = HashMap::new();
        for id in 3..self.site_count() {
            let Some((place, parent)) = self.site_place(id as SiteId) else { continue };
            let key = (place.filename().to_string(), place.function().to_string(), place.line);
            let next = frames.len() as u64;
            let frame = *frames.entry(key).or_insert_with(|| {
                d.w.int(tag::FRAME);
                d.w.text(place.filename());
                d.w.text(place.function());
                d.w.int(u64::from(place.line));
                d.w.int(u64::from(place.first_line()));
                d.w.end_record();
                next
            });
            for n in [tag::SITE, id as u64, u64::from(parent), frame] {
                d.w.int(n);
            }
            d.w.end_record();
        }
        let mut last = 0;
        for (site, u) in self.heap.site_uses() {
            let fields = [u.live_bytes, u.live_blocks, u.total_bytes, u.total_blocks];
            let more = [u.peak_bytes, u.peak_blocks, u.most_bytes, u.heap_bytes];
            d.w.int(tag::USE);
            d.w.int(u64::from(site));
            for n in fields.into_iter().chain(more) {
                d.w.int(n);
            }
            d.w.end_record();
        }
        for m in self.heap.watched_moments() {
            for n in [tag::MOMENT, m.nanos - last, m.bytes] {
                d.w.int(n);
            }
            last = m.nanos;
            d.w.end_record();
        }
    }

    fn dump_pages(&self, d: &mut Dumper<'_>) {
        let mut next = 0;
        self.heap.for_each_page(&mut |p| {
            let family = p.family.map_or(0, |f| f as u64 + 1);
            for n in [tag::PAGE, u64::from(p.page - next), u64::from(p.pages), family] {
                d.w.int(n);
            }
            d.w.int(u64::from(p.block_bytes));
            d.w.int(u64::from(p.live_bytes));
            d.w.end_record();
            next = p.page + p.pages;
        });
    }

    fn dump_roots(&self, d: &mut Dumper<'_>) {
        if let Some(modules) = hognose_object::dict::DictRef::new(self.modules.as_ref()) {
            for (name, module) in modules.to_vec() {
                let name = String::from_utf8_lossy(str_bytes(name.as_ref())).into_owned();
                if let Some(dict) = self.module_dict(module.as_ref()) {
                    d.root(root::MODULE, &name, dict.value());
                }
            }
        }
        self.dump_frame_roots(d);
        d.root(root::MACHINE, "sys.modules", self.modules.value());
        d.root(root::MACHINE, "builtins", self.builtins.value());
        d.root(root::MACHINE, "sys", self.sys.value());
        d.root(root::MACHINE, "exception in flight", self.raised);
        d.root(root::MACHINE, "exception being handled", self.handled);
    }

    /// Variables and temporaries of the running frames, the innermost first.
    fn dump_frame_roots(&self, d: &mut Dumper<'_>) {
        let mut end = self.frames.free_values();
        for back in 0..self.frames.len() {
            let Some(fp) = self.frame_at(back) else { break };
            // SAFETY: the frame is running; its registers end where those of the frame it called begin, or the free
            // part of the stack does.
            unsafe {
                let (code, base) = ((*fp).code, (*fp).base);
                let data = code.table();
                let at = (*fp).pc.offset_from((*code).insns) as u32;
                let nlocals = usize::from((*code).nlocals);
                let live = nlocals + usize::from(data.depth_at(at));
                for i in 0..live.min(usize::from((*code).nregs)) {
                    let register = base.add(i);
                    if register >= end || (back > 0 && i >= nlocals) {
                        break;
                    }
                    let v = *register;
                    let (what, name) = match data.varnames.get(i).filter(|_| i < nlocals) {
                        Some(name) => (root::LOCAL, format!("{name} in {}()", data.qualname)),
                        None => (root::MACHINE, format!("temporary in {}()", data.qualname)),
                    };
                    d.root(what, &name, v);
                }
                d.root(
                    root::LOCAL,
                    &format!("running {}()", data.qualname),
                    Value::from_ptr((*fp).func.cast()),
                );
                end = base;
            }
        }
    }

    fn dump_object(&self, d: &mut Dumper<'_>, h: *mut Header, site: SiteId) {
        // SAFETY: the walk shows live objects; nothing is freed during it.
        unsafe {
            let kind_bits = (*h).kind();
            let kind = match d.kinds.get(&kind_bits) {
                Some(&n) => n,
                None => self.dump_kind(d, kind_bits),
            };
            // Names of variables are written before the object that needs them.
            if matches!(Layout::of_kind(kind_bits), Layout::Generator) {
                dump::for_each_edge(&self.heap, h, &mut |label, _| {
                    if let Label::Variable(name) = label {
                        d.text_number(name);
                    }
                });
            }
            let at = h.addr() as u64 / 8;
            let bytes = self.heap.block_size(h.cast()) + (self.heap.vtable(kind_bits).buffers)(h);
            d.w.int(tag::OBJECT);
            d.w.int(at - d.last_address);
            d.last_address = at;
            d.w.int(kind);
            d.w.int(bytes as u64);
            d.w.int(u64::from(site));
            d.w.int(u64::from((*h).rc()));
            let (text, cut) = preview(h);
            d.w.bytes(&text);
            d.w.int(if cut { self.content_hash(h) | 1 } else { 0 });
            let mut n = 0u64;
            dump::for_each_edge(&self.heap, h, &mut |_, _| n += 1);
            d.w.int(n);
            dump::for_each_edge(&self.heap, h, &mut |label, v| {
                let text = if let Label::Variable(name) = label { d.text_number(name) } else { 0 };
                d.w.int(label.encode(text));
                d.w.signed(v.bits() as i64 / 8 - at as i64);
                d.w.end_record();
            });
            d.w.end_record();
        }
    }

    /// Hash of a long text, to find equal ones.
    unsafe fn content_hash(&self, h: *mut Header) -> u64 {
        // SAFETY: the caller's object is alive.
        let r = unsafe { Ref::from_value(Value::from_ptr(h)) };
        let bytes = match hognose_object::bytes::bytes_of(r) {
            Some(bytes) => bytes,
            None if r.is_exact(Layout::Str) => str_bytes(r),
            None => return 0,
        };
        hognose_object::hash::hash_bytes(HashSecret(1, 2), bytes) as u64
    }

    /// Writes a kind: class name, layout, and names of slots.
    fn dump_kind(&self, d: &mut Dumper<'_>, kind: u32) -> u64 {
        let number = d.kinds.len() as u64;
        d.kinds.insert(kind, number);
        let class = if self.shapes.is_known(kind) { self.shapes.class(kind) } else { std::ptr::null_mut() };
        d.w.int(tag::KIND);
        if class.is_null() {
            d.w.text("?");
            d.w.int(u64::from(kind & 63));
            d.w.int(0);
            return number;
        }
        // SAFETY: shapes know living classes only.
        unsafe {
            let t = &*class;
            let name = String::from_utf8_lossy(str_bytes(Ref::from_value(t.qualname))).into_owned();
            d.w.text(&name);
            d.w.int(u64::from(kind & 63));
            let slots = self.slot_names(kind, t);
            d.w.int(slots.len() as u64);
            for (offset, name) in slots {
                d.w.int(offset as u64 / 8);
                d.w.text(&name);
            }
        }
        d.w.end_record();
        number
    }

    /// Byte offsets and names of the slots of a kind's objects.
    unsafe fn slot_names(&self, kind: u32, class: &TypeObj) -> Vec<(usize, String)> {
        let shape = self.shapes.get(kind);
        let text = |v: Value| {
            // SAFETY: names are strings kept by the machine.
            String::from_utf8_lossy(str_bytes(unsafe { Ref::from_value(v) })).into_owned()
        };
        let mut out = Vec::new();
        if kind >> 6 < 64 {
            return out;
        }
        if shape.is_dict {
            out.push((shape.offset(0), "__dict__".to_string()));
        }
        for (i, &name) in shape.names.iter().enumerate() {
            out.push((shape.offset(i), text(name)));
        }
        // SAFETY: the class owns its mro.
        let mro = unsafe { Ref::from_value(class.mro) };
        for base in self.items_of(mro) {
            let Some(base) = crate::class::TypeRef::new(base.as_ref()) else { continue };
            for (_, member) in base.dict().to_vec() {
                if member.as_ref().is_exact(Layout::Member) {
                    let m = member.value().header().cast::<MemberObj>();
                    // SAFETY: the layout was checked.
                    let (offset, name) = unsafe { ((*m).offset as usize, text((*m).name)) };
                    out.push((offset, name));
                }
            }
        }
        out
    }
}

impl Dumper<'_> {
    fn root(&mut self, what: u64, name: &str, v: Value) {
        if v.is_ptr() && !v.is_null() {
            self.w.int(tag::ROOT);
            self.w.int(what);
            self.w.text(name);
            self.w.int(v.bits() / 8);
            self.w.end_record();
        }
    }

    fn text_number(&mut self, text: &str) -> u64 {
        if let Some(&n) = self.texts.get(text) {
            return n;
        }
        if self.texts.len() >= TEXTS_MAX {
            return 0;
        }
        let n = self.texts.len() as u64;
        self.texts.insert(text.into(), n);
        self.w.int(tag::STRING);
        self.w.text(text);
        n
    }
}
