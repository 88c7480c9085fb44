//! What `gc.set_debug` prints, in CPython's words.

use crate::Vm;
use hognose_object::{Owned, ValueExt};

impl Vm {
    pub(super) fn write_gc_text(&mut self, text: &str) {
        crate::traceback::write_stderr(self, text.as_bytes());
    }

    /// The heap has young objects and others: there is no middle generation.
    pub(super) fn show_generations(&mut self, generation: usize) {
        let mut all = 0;
        let heap = &self.heap;
        heap.for_each_object(&mut |v| {
            all += usize::from(v.object_kind().is_some_and(|k| heap.vtable(k).traced));
        });
        let young = heap.young_slots().min(all);
        let (old, frozen) = ((all - young).saturating_sub(self.gc.frozen), self.gc.frozen);
        self.write_gc_text(&format!(
            "gc: collecting generation {generation}...\ngc: objects in each generation: {young} 0 {old}\n\
             gc: objects in permanent generation: {frozen}\n"
        ));
    }

    pub(super) fn show_collectable(&mut self, set: &[Owned]) {
        for o in set {
            if self.counts_as_object(o.as_ref()) {
                let (class, address) = (self.type_name(o.as_ref()), o.value().bits());
                self.write_gc_text(&format!("gc: collectable <{class} {address:#x}>\n"));
            }
        }
    }
}
