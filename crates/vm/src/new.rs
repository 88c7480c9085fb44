//! Objects of the common built-in types from Rust values. Empty and small ones are shared where CPython shares them.
#![allow(unsafe_code, reason = "fills a fresh tuple")]

use crate::{PyResult, Vm};
use hognose_object::{Owned, Value};

impl Vm {
    /// A new list from values.
    pub fn new_list(&self, items: Vec<Owned>) -> PyResult {
        Ok(hognose_object::list::list_from(&self.heap, items)?)
    }

    /// A new tuple from values.
    pub fn new_tuple(&self, items: Vec<Owned>) -> PyResult {
        if items.is_empty() && !self.empty_tuple.is_null() {
            return Ok(self.empty_tuple.owned());
        }
        Ok(hognose_object::tuple::new_tuple(&self.heap, items)?)
    }

    /// A new tuple of two.
    pub fn new_pair(&self, a: Owned, b: Owned) -> PyResult {
        use hognose_object::tuple::TupleObj;
        let h = TupleObj::alloc_raw(&self.heap, 2)?;
        // SAFETY: a fresh tuple of two; the values move in.
        unsafe {
            let items = TupleObj::items(h);
            items.write(a.into_value());
            items.add(1).write(b.into_value());
            Ok(Owned::from_value(Value::from_ptr(h)))
        }
    }

    /// A new empty dict.
    pub fn new_dict(&self) -> PyResult {
        Ok(hognose_object::dict::new_dict(&self.heap)?)
    }

    /// An int.
    #[inline]
    pub fn new_int(&self, n: i64) -> PyResult {
        Ok(hognose_object::int::new_int(&self.heap, n)?)
    }

    /// A float.
    #[inline]
    pub fn new_float(&self, x: f64) -> PyResult {
        Ok(hognose_object::float::new_float(&self.heap, x)?)
    }

    /// A bytes object; the empty one is shared.
    pub fn new_bytes(&self, bytes: &[u8]) -> PyResult {
        if bytes.is_empty() && !self.empty_bytes.is_null() {
            return Ok(self.empty_bytes.owned());
        }
        if let ([b], Some(shared)) = (bytes, self.bytes.get(usize::from(bytes.first().copied().unwrap_or(0))))
        {
            debug_assert!(*b == bytes[0]);
            return Ok(shared.owned());
        }
        Ok(hognose_object::bytes::new_bytes(&self.heap, bytes)?)
    }
}
