//! Shapes: which class an object has and where its attributes lie. One 32-bit compare of the kind guards an
//! attribute cache.
//!
//!   class ─► root shape ─x─► shape {x} ─y─► shape {x, y}          (transitions, shared by all instances)
//!        └─► dictionary shape: the first attribute slot holds a dict (more attributes than slots, `__dict__` taken)
//!
//! Slot order in an object: member slots (`__slots__`), then attributes in order of first assignment.
//! Invariant: a shape's `capacity` is the number of attribute slots every object of that shape has.

use crate::layouts::{LAYOUTS, Layout};
use crate::types::TypeObj;
use hognose_heap::Value;

/// A row of the table. Names are interned strings kept alive by the interpreter; compared by address.
pub struct Shape {
    /// The class.
    pub class: *mut TypeObj,
    /// Kind that objects of this shape carry.
    pub kind: u32,
    /// Byte offset of the first attribute slot (0: instances have no attributes of their own).
    pub attrs_offset: u32,
    /// Attribute slots.
    pub capacity: u16,
    /// Is the first attribute slot a dict?
    pub is_dict: bool,
    /// Attribute names in slot order.
    pub names: Vec<Value>,
    transitions: Vec<(Value, u32)>,
}

impl Shape {
    /// Slot of the attribute `name`.
    pub fn find(&self, name: Value) -> Option<usize> {
        self.names.iter().position(|&n| n == name)
    }

    /// Byte offset of attribute slot `i` from the start of the object.
    pub fn offset(&self, i: usize) -> usize {
        self.attrs_offset as usize + i * 8
    }
}

/// All shapes of an interpreter, by serial. The first 64 belong to exact built-in types (serial = layout).
#[derive(Default)]
pub struct Shapes {
    rows: Vec<Option<Box<Shape>>>,
    free: Vec<u32>,
}

/// Shapes one class may have before its instances fall back to dictionaries.
pub const MAX_SHAPES_PER_CLASS: usize = 128;
const MAX_SERIAL: usize = 1 << 18;

impl Shapes {
    /// A table whose built-in rows wait for their classes.
    pub fn new() -> Shapes {
        let mut rows = Vec::with_capacity(256);
        rows.resize_with(64, || None);
        const { assert!(LAYOUTS <= 64) };
        Shapes { rows, free: Vec::new() }
    }

    /// Gives an exact built-in type its row.
    pub fn set_builtin(&mut self, layout: Layout, class: *mut TypeObj) {
        self.rows[layout as usize] = Some(Box::new(Shape {
            class,
            kind: layout.kind(),
            attrs_offset: 0,
            capacity: 0,
            is_dict: false,
            names: Vec::new(),
            transitions: Vec::new(),
        }));
    }

    /// Has this layout's row a class?
    pub fn has_builtin(&self, layout: Layout) -> bool {
        self.rows[layout as usize].is_some()
    }

    /// A new shape; `None` when the table is full.
    pub fn add(
        &mut self,
        class: *mut TypeObj,
        layout: Layout,
        attrs_offset: u32,
        capacity: u16,
        is_dict: bool,
        names: Vec<Value>,
    ) -> Option<u32> {
        let serial = match self.free.pop() {
            Some(serial) => serial as usize,
            None if self.rows.len() < MAX_SERIAL => {
                self.rows.push(None);
                self.rows.len() - 1
            }
            None => return None,
        };
        let kind = (serial as u32) << 6 | layout as u32;
        self.rows[serial] = Some(Box::new(Shape {
            class,
            kind,
            attrs_offset,
            capacity,
            is_dict,
            names,
            transitions: Vec::new(),
        }));
        Some(kind)
    }

    /// The shape of objects of this kind.
    #[inline(always)]
    pub fn get(&self, kind: u32) -> &Shape {
        match &self.rows[(kind >> 6) as usize] {
            Some(shape) => shape,
            None => unknown_shape(kind),
        }
    }

    /// Is there a shape for this kind?
    pub fn is_known(&self, kind: u32) -> bool {
        self.rows.get((kind >> 6) as usize).is_some_and(Option::is_some)
    }

    /// The class of objects of this kind.
    #[inline(always)]
    pub fn class(&self, kind: u32) -> *mut TypeObj {
        self.get(kind).class
    }

    /// The shape reached from `kind` by storing a new attribute `name`, if it exists already.
    pub fn next(&self, kind: u32, name: Value) -> Option<u32> {
        self.get(kind).transitions.iter().find(|(n, _)| *n == name).map(|&(_, k)| k)
    }

    /// Makes the shape reached from `kind` by a new attribute `name`; `None` when there is no slot left for it
    /// or the table is full.
    pub fn extend(&mut self, kind: u32, name: Value) -> Option<u32> {
        let from = self.get(kind);
        if from.is_dict || from.names.len() >= usize::from(from.capacity) {
            return None;
        }
        let mut names = from.names.clone();
        names.push(name);
        let (class, offset, capacity) = (from.class, from.attrs_offset, from.capacity);
        let new = self.add(class, Layout::of_kind(kind), offset, capacity, false, names)?;
        if let Some(row) = &mut self.rows[(kind >> 6) as usize] {
            row.transitions.push((name, new));
        }
        Some(new)
    }

    /// Frees all shapes of a class that died.
    pub fn remove_class(&mut self, class: *mut TypeObj) {
        for (serial, row) in self.rows.iter_mut().enumerate().skip(64) {
            if row.as_ref().is_some_and(|s| std::ptr::eq(s.class, class)) {
                *row = None;
                self.free.push(serial as u32);
            }
        }
    }

    /// Points the shapes of one class to another's layout-compatible class (`__class__` assignment keeps slots).
    pub fn count_of(&self, class: *mut TypeObj) -> usize {
        self.rows.iter().skip(64).flatten().filter(|s| std::ptr::eq(s.class, class)).count()
    }
}

#[cold]
#[inline(never)]
fn unknown_shape(kind: u32) -> ! {
    panic!("no shape for kind {kind:#x}: a class died before its last instance")
}
