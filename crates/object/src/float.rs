//! Floats: most are immediates; the few that are not live in a box.
#![allow(unsafe_code, reason = "reads a boxed payload")]

use crate::layouts::Layout;
use crate::value::ValueExt;
use hognose_heap::{Header, Heap, OutOfMemory, Owned, Value};

#[repr(C)]
struct FloatObj {
    header: Header,
    value: f64,
}

/// A float.
#[inline(always)]
pub fn new_float(heap: &Heap, x: f64) -> Result<Owned, OutOfMemory> {
    match Value::from_float(x) {
        Some(v) => Ok(Owned::from_immediate(v)),
        None => box_float(heap, x),
    }
}

#[cold]
#[inline(never)]
fn box_float(heap: &Heap, x: f64) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_leaf(Layout::Float.kind(), size_of::<FloatObj>())?;
    // SAFETY: fresh block of that size.
    unsafe {
        (*h.cast::<FloatObj>()).value = x;
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// The number, if `v` is exactly a float.
#[inline(always)]
pub fn float_of(v: impl ValueExt) -> Option<f64> {
    let v = v.word();
    if v.is_float() {
        return Some(v.float_unchecked());
    }
    // SAFETY: the layout says what it is.
    v.is_exact(Layout::Float).then(|| unsafe { (*v.header().cast::<FloatObj>()).value })
}

#[repr(C)]
struct ComplexObj {
    header: Header,
    re: f64,
    im: f64,
}

/// A complex number.
pub fn new_complex(heap: &Heap, re: f64, im: f64) -> Result<Owned, OutOfMemory> {
    let h = heap.alloc_leaf(Layout::Complex.kind(), size_of::<ComplexObj>())?;
    // SAFETY: fresh block of that size.
    unsafe {
        (*h.cast::<ComplexObj>()).re = re;
        (*h.cast::<ComplexObj>()).im = im;
        Ok(Owned::from_value(Value::from_ptr(h)))
    }
}

/// The parts, if `v` is exactly a complex number.
pub fn complex_of(v: impl ValueExt) -> Option<(f64, f64)> {
    let v = v.word();
    // SAFETY: the layout says what it is.
    v.is_exact(Layout::Complex).then(|| unsafe {
        let c = v.header().cast::<ComplexObj>();
        ((*c).re, (*c).im)
    })
}

/// `repr` of a float: the shortest text that reads back, in CPython's notation.
pub fn float_repr(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.into();
    }
    let text = format!("{x:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{x}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
