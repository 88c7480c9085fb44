//! The object protocol: what the operators and basic built-in functions do with any value.
//!
//! Each operation finds the slot of the class and calls it. Frequent built-in types are recognised first.

use crate::class::{TypeRef, base_value};
use crate::exceptions::Exc;
use crate::text::as_str;
use crate::type_slots::{BinOp, CmpOp, UnaryOp};
use crate::{PyResult, Vm};
use hognose_object::list::ListRef;
use hognose_object::str::StrRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{
    FALSE, Layout, NONE, NOT_IMPLEMENTED, Owned, Ref, TRUE, ValueExt, bool_value, float, int, none,
};
use num_traits::ToPrimitive;

impl Vm {
    // ---- truth, equality, order, hash

    /// `bool(r)`
    #[inline]
    pub fn is_true(&mut self, r: Ref<'_>) -> PyResult<bool> {
        let v = r.value();
        if v == TRUE {
            return Ok(true);
        }
        if v == FALSE || v == NONE {
            return Ok(false);
        }
        if let Some(n) = v.as_int() {
            return Ok(n != 0);
        }
        self.is_true_slow(r)
    }

    #[inline(never)]
    fn is_true_slow(&mut self, r: Ref<'_>) -> PyResult<bool> {
        if let Some(x) = float::float_of(r) {
            return Ok(x != 0.0);
        }
        let slots = self.class_of(r).slots();
        match (slots.bool, slots.len) {
            (Some(f), _) => f(self, r),
            (None, Some(f)) => Ok(f(self, r)? != 0),
            (None, None) => Ok(true),
        }
    }

    /// `a == b` where identity implies equality (as containers compare).
    #[inline]
    pub fn equal(&mut self, a: Ref<'_>, b: Ref<'_>) -> PyResult<bool> {
        if a.is(b) {
            return Ok(true);
        }
        if let (Some(_), Some(_)) = (StrRef::new(a), StrRef::new(b)) {
            return Ok(hognose_object::str::str_eq(a.value(), b.value()));
        }
        let r = self.compare(CmpOp::Eq, a, b)?;
        self.is_true(r.as_ref())
    }

    /// `a < b` and the like, as a value.
    pub fn compare(&mut self, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
        if let (Some(x), Some(y)) = (a.value().as_int(), b.value().as_int()) {
            return Ok(Owned::from_immediate(bool_value(op.holds(x.cmp(&y)))));
        }
        self.check_native_stack()?;
        let (ta, tb) = (self.class_of(a), self.class_of(b));
        let (fa, fb) = (ta.slots().richcompare, tb.slots().richcompare);
        let mut reflected = false;
        if ta != tb
            && tb.is_subclass_of(ta)
            && let Some(f) = fb
        {
            reflected = true;
            let r = f(self, op.swapped(), b, a)?;
            if r.value() != NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        if let Some(f) = fa {
            let r = f(self, op, a, b)?;
            if r.value() != NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        if let (Some(f), false) = (fb, reflected) {
            let r = f(self, op.swapped(), b, a)?;
            if r.value() != NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        match op {
            CmpOp::Eq => Ok(Owned::from_immediate(bool_value(a.is(b)))),
            CmpOp::Ne => Ok(Owned::from_immediate(bool_value(!a.is(b)))),
            _ => {
                let (x, y) = (self.class_name(ta), self.class_name(tb));
                let symbol = op.symbol();
                Err(self
                    .type_error(&format!("'{symbol}' not supported between instances of '{x}' and '{y}'")))
            }
        }
    }

    /// `a < b` and the like, as a truth value.
    pub fn compare_bool(&mut self, op: CmpOp, a: Ref<'_>, b: Ref<'_>) -> PyResult<bool> {
        if a.is(b) && !a.value().is_float() && matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(op == CmpOp::Eq);
        }
        let r = self.compare(op, a, b)?;
        self.is_true(r.as_ref())
    }

    /// `hash(r)`
    #[inline]
    pub fn hash(&mut self, r: Ref<'_>) -> PyResult<i64> {
        if let Some(s) = StrRef::new(r) {
            return Ok(s.hash(self.hash_secret));
        }
        if let Some(n) = r.value().as_int() {
            return Ok(hognose_object::hash::hash_int(n));
        }
        self.hash_slow(r)
    }

    #[inline(never)]
    fn hash_slow(&mut self, r: Ref<'_>) -> PyResult<i64> {
        let class = self.class_of(r);
        match class.slots().hash {
            Some(f) => f(self, r),
            None => {
                let name = class.name();
                Err(self.type_error(&format!("unhashable type: '{name}'")))
            }
        }
    }

    /// Hash by identity (`object.__hash__`).
    pub fn hash_identity(r: Ref<'_>) -> i64 {
        let h = r.value().bits().rotate_right(4) as i64;
        if h == -1 { -2 } else { h }
    }

    // ---- text

    /// `repr(r)`: always a str.
    pub fn repr(&mut self, r: Ref<'_>) -> PyResult {
        self.check_native_stack()?;
        let class = self.class_of(r);
        match class.slots().repr {
            Some(f) => {
                let s = f(self, r)?;
                self.require_str(s, "__repr__")
            }
            None => self.default_repr(r),
        }
    }

    /// `str(r)`: always a str.
    pub fn str(&mut self, r: Ref<'_>) -> PyResult {
        if StrRef::new(r).is_some() {
            return Ok(r.owned());
        }
        self.check_native_stack()?;
        let class = self.class_of(r);
        match class.slots().str {
            Some(f) => {
                let s = f(self, r)?;
                self.require_str(s, "__str__")
            }
            None => self.repr(r),
        }
    }

    fn require_str(&mut self, s: Owned, method: &str) -> PyResult {
        if as_str(s.as_ref()).is_some() {
            return Ok(s);
        }
        let class = self.type_name(s.as_ref());
        Err(self.type_error(&format!("{method} returned non-string (type {class})")))
    }

    /// `<module.Class object at 0x…>`
    pub fn default_repr(&mut self, r: Ref<'_>) -> PyResult {
        let class = self.class_of(r);
        let name = self.qualified_name(class)?;
        self.new_str(&format!("<{name} object at {:#x}>", r.value().bits()))
    }

    /// `module.qualname`, without the module for built-in types.
    pub fn qualified_name(&mut self, class: TypeRef<'_>) -> PyResult<String> {
        let qualname = self.text_of(class.qualname_ref());
        let module = self.class_module(class)?;
        let module = module.map(|m| self.text_of(m.as_ref())).unwrap_or_default();
        Ok(if module.is_empty() || module == "builtins" { qualname } else { format!("{module}.{qualname}") })
    }

    /// `ascii(r)` as text.
    pub fn ascii(&mut self, r: Ref<'_>) -> PyResult<String> {
        let text = self.repr(r)?;
        let mut out = String::new();
        for c in as_str(text.as_ref()).into_iter().flat_map(StrRef::chars) {
            match c {
                0..0x80 => out.push(c as u8 as char),
                0x80..0x100 => out.push_str(&format!("\\x{c:02x}")),
                0x100..0x1_0000 => out.push_str(&format!("\\u{c:04x}")),
                _ => out.push_str(&format!("\\U{c:08x}")),
            }
        }
        Ok(out)
    }

    /// `format(r, spec)`
    pub fn format(&mut self, r: Ref<'_>, spec: Ref<'_>) -> PyResult {
        if crate::text::str_bytes(spec).is_empty() {
            if StrRef::new(r).is_some() {
                return Ok(r.owned());
            }
            if r.value().is_int() {
                return self.str(r);
            }
        }
        if let Some(out) = crate::format::exact(self, r, spec)? {
            return Ok(out);
        }
        let name = self.names.__format__;
        let out = self.call_special(r, name, &[spec])?;
        let Some(out) = out else {
            let class = self.type_name(r);
            return Err(self.type_error(&format!("Type {class} doesn't define __format__")));
        };
        if as_str(out.as_ref()).is_none() {
            let class = self.type_name(out.as_ref());
            return Err(self.type_error(&format!("__format__ must return a str, not {class}")));
        }
        Ok(out)
    }

    // ---- containers

    /// `len(r)`
    pub fn len(&mut self, r: Ref<'_>) -> PyResult<usize> {
        if let Some(s) = StrRef::new(r) {
            return Ok(s.char_len());
        }
        if r.is_exact(Layout::List) {
            return Ok(ListRef::new(r).map_or(0, ListRef::len));
        }
        if r.is_exact(Layout::Dict) {
            return Ok(hognose_object::dict::DictRef::new(r).map_or(0, |d| d.len()));
        }
        match self.class_of(r).slots().len {
            Some(f) => f(self, r),
            None => {
                let class = self.type_name(r);
                Err(self.type_error(&format!("object of type '{class}' has no len()")))
            }
        }
    }

    /// `operator.length_hint(r, default)`
    pub fn length_hint(&mut self, r: Ref<'_>, default: usize) -> PyResult<usize> {
        if let Some(f) = self.class_of(r).slots().len {
            match f(self, r) {
                Ok(n) => return Ok(n),
                Err(e) if self.raised_is(&e, Exc::TypeError) => self.discard(e),
                Err(e) => return Err(e),
            }
        }
        let name = self.names.__length_hint__;
        let hint = match self.call_special(r, name, &[]) {
            Ok(hint) => hint,
            Err(e) if self.raised_is(&e, Exc::TypeError) => {
                self.discard(e);
                return Ok(default);
            }
            Err(e) => return Err(e),
        };
        let Some(hint) = hint.filter(|h| h.value() != NOT_IMPLEMENTED) else { return Ok(default) };
        match int::bigint_of(base_value(hint.as_ref())) {
            Some(n) if n.sign() == num_bigint::Sign::Minus => {
                Err(self.value_error("__length_hint__() should return >= 0"))
            }
            Some(n) => n
                .to_usize()
                .ok_or_else(|| self.overflow_error("Python int too large to convert to C ssize_t")),
            None => {
                let class = self.type_name(hint.as_ref());
                Err(self.type_error(&format!("__length_hint__ must be an integer, not {class}")))
            }
        }
    }

    /// `r[key]`
    pub fn get_item(&mut self, r: Ref<'_>, key: Ref<'_>) -> PyResult {
        if let Some(f) = self.class_of(r).slots().getitem {
            return f(self, r, key);
        }
        if let Some(class) = TypeRef::new(r) {
            return self.class_getitem(class, key);
        }
        let class = self.type_name(r);
        Err(self.type_error(&format!("'{class}' object is not subscriptable")))
    }

    /// `r[key] = value`, or `del r[key]` when the value is absent.
    pub fn set_item(&mut self, r: Ref<'_>, key: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
        if let Some(f) = self.class_of(r).slots().setitem {
            return f(self, r, key, value);
        }
        let what = if value.is_some() {
            "does not support item assignment"
        } else if self.is_sequence_like(r) && self.class_of(key).slots().index.is_some() {
            "doesn't support item deletion"
        } else {
            "does not support item deletion"
        };
        let class = self.type_name(r);
        Err(self.type_error(&format!("'{class}' object {what}")))
    }

    /// Has the class a table of sequence slots in CPython? Classes made by `class` always have.
    fn is_sequence_like(&self, r: Ref<'_>) -> bool {
        let class = self.class_of(r);
        let slots = class.slots();
        class.is_heap_type() || (slots.len.is_some() || slots.contains.is_some()) && TypeRef::new(r).is_none()
    }

    /// `item in r`
    pub fn contains(&mut self, r: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
        let class = self.class_of(r);
        if let Some(f) = class.slots().contains {
            return f(self, r, item);
        }
        if class.slots().iter.is_none() && class.slots().getitem.is_none() {
            let class = class.name();
            return Err(
                self.type_error(&format!("argument of type '{class}' is not a container or iterable"))
            );
        }
        let mut it = self.iterate(r)?;
        while let Some(x) = it.next(self)? {
            if self.equal(x.as_ref(), item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `C[key]` by `__class_getitem__`.
    fn class_getitem(&mut self, class: TypeRef<'_>, key: Ref<'_>) -> PyResult {
        if class == self.types.type_ {
            return self.new_generic_alias(class.as_ref(), key);
        }
        let name = self.names.__class_getitem__;
        match self.get_attr_opt(class.as_ref(), name)? {
            Some(f) => self.call(f.as_ref(), &[key]),
            None => {
                let name = class.name();
                Err(self.type_error(&format!("type '{name}' is not subscriptable")))
            }
        }
    }

    // ---- iteration

    /// `iter(r)`
    pub fn iter(&mut self, r: Ref<'_>) -> PyResult {
        let class = self.class_of(r);
        if let Some(f) = class.slots().iter {
            let it = f(self, r)?;
            if self.class_of(it.as_ref()).slots().next.is_none() {
                let name = self.type_name(it.as_ref());
                return Err(self.type_error(&format!("iter() returned non-iterator of type '{name}'")));
            }
            return Ok(it);
        }
        if class.slots().getitem.is_some() && !r.has_layout(Layout::Dict) {
            return self.new_sequence_iter(r);
        }
        let name = class.name();
        Err(self.type_error(&format!("'{name}' object is not iterable")))
    }

    /// The next item; `None` when exhausted, StopIteration when that has a value.
    #[inline]
    pub fn next_or_stop(&mut self, it: Ref<'_>) -> PyResult<Option<Owned>> {
        match self.class_of(it).slots().next {
            Some(f) => f(self, it),
            None => self.next(it),
        }
    }

    /// The next item; `None` when exhausted. The value of a StopIteration is dropped (see [`Vm::next_or_stop`]).
    #[inline]
    pub fn next(&mut self, it: Ref<'_>) -> PyResult<Option<Owned>> {
        match self.class_of(it).slots().next {
            Some(f) => match f(self, it) {
                Err(e) if self.raised_is(&e, Exc::StopIteration) => {
                    self.discard(e);
                    Ok(None)
                }
                r => r,
            },
            None => {
                let class = self.type_name(it);
                Err(self.type_error(&format!("'{class}' object is not an iterator")))
            }
        }
    }

    /// An iteration over anything iterable, quick for exact lists and tuples.
    pub fn iterate(&mut self, r: Ref<'_>) -> PyResult<Iteration> {
        if r.is_exact(Layout::List) || r.is_exact(Layout::Tuple) {
            return Ok(Iteration { source: r.owned(), index: 0 });
        }
        Ok(Iteration { source: self.iter(r)?, index: usize::MAX })
    }

    /// All items of an iterable as a new list.
    pub fn to_list(&mut self, r: Ref<'_>) -> PyResult {
        let list = hognose_object::list::new_list(&self.heap, 0)?;
        self.extend_list(list.as_ref(), r)?;
        Ok(list)
    }

    /// Appends all items of an iterable to a list.
    pub fn extend_list(&mut self, list: Ref<'_>, items: Ref<'_>) -> PyResult<()> {
        let Some(target) = ListRef::new(list) else { return Err(self.type_error("a list is required")) };
        if items.is_exact(Layout::List) || items.is_exact(Layout::Tuple) {
            let new = self.items_of(items);
            let end = target.len();
            target.splice(&mut self.heap, end..end, new)?;
            return Ok(());
        }
        let mut it = self.iterate(items)?;
        while let Some(x) = it.next(self)? {
            target.push(&mut self.heap, x)?;
        }
        Ok(())
    }

    /// The items of an exact or derived list or tuple, each with a reference.
    pub fn items_of(&self, r: Ref<'_>) -> Vec<Owned> {
        if let Some(l) = ListRef::new(r) {
            return l.to_vec(&self.heap);
        }
        let r = base_value(r);
        TupleRef::new(r).map_or_else(Vec::new, |t| t.items().iter().map(|i| i.owned()).collect())
    }

    /// All items of an iterable. What a guest can make long is collected in its heap first, so the limit holds.
    pub fn collect(&mut self, r: Ref<'_>) -> PyResult<Vec<Owned>> {
        if r.is_exact(Layout::List) || r.is_exact(Layout::Tuple) {
            return Ok(self.items_of(r));
        }
        let list = self.to_list(r)?;
        Ok(self.items_of(list.as_ref()))
    }

    // ---- arithmetic

    /// `a op b`
    pub fn binary_op(&mut self, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
        let r = self.binary_op_maybe(op, a, b)?;
        if r.value() != NOT_IMPLEMENTED {
            return Ok(r);
        }
        if let Some(r) = self.sequence_op(op, a, b)? {
            return Ok(r);
        }
        Err(self.unsupported(op.symbol(), a, b))
    }

    /// `a op b`, NotImplemented when neither side knows.
    pub fn binary_op_maybe(&mut self, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
        let (ta, tb) = (self.class_of(a), self.class_of(b));
        let knows =
            |t: TypeRef<'_>| if t.slots().binary_ops & op.bit() != 0 { t.slots().binary } else { None };
        let (fa, fb) = (knows(ta), knows(tb));
        if ta == tb {
            return match fa {
                Some(f) => f(self, op, a, b),
                None => Ok(Owned::from_immediate(NOT_IMPLEMENTED)),
            };
        }
        let python = |f: Option<fn(&mut Vm, BinOp, Ref<'_>, Ref<'_>) -> PyResult>| {
            f.is_some_and(|f| std::ptr::fn_addr_eq(f, crate::slot_calls::binary as fn(_, _, _, _) -> _))
        };
        if python(fa) || python(fb) {
            return crate::slot_calls::binary_mixed(self, op, a, b, fa, fb);
        }
        let b_first = fb.is_some() && tb.is_subclass_of(ta);
        let order = if b_first { [fb, fa] } else { [fa, fb] };
        let mut tried = None;
        for f in order.into_iter().flatten() {
            if tried.is_some_and(|t| std::ptr::fn_addr_eq(t, f)) {
                continue;
            }
            let r = f(self, op, a, b)?;
            if r.value() != NOT_IMPLEMENTED {
                return Ok(r);
            }
            tried = Some(f);
        }
        Ok(Owned::from_immediate(NOT_IMPLEMENTED))
    }

    /// Sequence repetition for a left operand that is a number: `3 * [x]` is tried through the list's own slot; what is
    /// left here are better error messages.
    fn sequence_op(&mut self, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult<Option<Owned>> {
        let concat = |vm: &Vm, r: Ref<'_>| {
            let l = vm.class_of(r).value_layout();
            matches!(l, Layout::List | Layout::Tuple | Layout::Str | Layout::Bytes | Layout::ByteArray)
                .then_some(l)
        };
        match (op, concat(self, a), concat(self, b)) {
            (BinOp::Add, Some(l), _) => Err(self.cannot_concatenate(l, a, b)),
            (BinOp::Mul, Some(_), _) => {
                let class = self.type_name(b);
                Err(self.type_error(&format!("can't multiply sequence by non-int of type '{class}'")))
            }
            (BinOp::Mul, None, Some(_)) => {
                let class = self.type_name(a);
                Err(self.type_error(&format!("can't multiply sequence by non-int of type '{class}'")))
            }
            _ => Ok(None),
        }
    }

    /// TypeError for `a + b` where `a` is a sequence of this layout and `b` is not.
    #[cold]
    pub(crate) fn cannot_concatenate(&mut self, layout: Layout, a: Ref<'_>, b: Ref<'_>) -> crate::Raised {
        let (own, class) = (self.type_name(a), self.type_name(b));
        let message = match layout {
            Layout::Bytes | Layout::ByteArray => format!("can't concat {class} to {own}"),
            Layout::Str => format!("can only concatenate str (not \"{class}\") to str"),
            Layout::List => format!("can only concatenate list (not \"{class}\") to list"),
            _ => format!("can only concatenate tuple (not \"{class}\") to tuple"),
        };
        self.type_error(&message)
    }

    /// TypeError: unsupported operand type(s).
    #[cold]
    pub fn unsupported(&mut self, symbol: &str, a: Ref<'_>, b: Ref<'_>) -> crate::Raised {
        let (x, y) = (self.type_name(a), self.type_name(b));
        self.type_error(&format!("unsupported operand type(s) for {symbol}: '{x}' and '{y}'"))
    }

    /// `a op= b`
    pub fn inplace_op(&mut self, op: BinOp, a: Ref<'_>, b: Ref<'_>) -> PyResult {
        let slots = self.class_of(a).slots();
        if slots.inplace_ops & op.bit() != 0
            && let Some(f) = slots.inplace
        {
            let r = f(self, op, a, b)?;
            if r.value() != NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        let r = self.binary_op_maybe(op, a, b)?;
        if r.value() != NOT_IMPLEMENTED {
            return Ok(r);
        }
        if let Some(r) = self.sequence_op(op, a, b)? {
            return Ok(r);
        }
        let symbol = if op == BinOp::Pow { "**=".into() } else { format!("{}=", op.symbol()) };
        Err(self.unsupported(&symbol, a, b))
    }

    /// `-a` and the like.
    pub fn unary_op(&mut self, op: UnaryOp, a: Ref<'_>) -> PyResult {
        if let Some(f) = self.class_of(a).slots().unary {
            let r = f(self, op, a)?;
            if r.value() != NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        let class = self.type_name(a);
        Err(self.type_error(&format!("bad operand type for {}: '{class}'", op.text())))
    }

    // ---- numbers as arguments

    /// `operator.index(r)`: an exact int.
    pub fn index(&mut self, r: Ref<'_>) -> PyResult {
        let v = base_value(r);
        if int::is_int(v) {
            return if v.is_bool() { self.new_int(i64::from(v.value() == TRUE)) } else { Ok(v.owned()) };
        }
        match self.class_of(r).slots().index {
            Some(f) => {
                let n = f(self, r)?;
                let v = base_value(n.as_ref());
                if int::is_int(v) {
                    return Ok(v.owned());
                }
                let class = self.type_name(n.as_ref());
                Err(self.type_error(&format!("__index__ returned non-int (type {class})")))
            }
            None => {
                let class = self.type_name(r);
                Err(self.type_error(&format!("'{class}' object cannot be interpreted as an integer")))
            }
        }
    }

    /// An index or count argument. Values that do not fit saturate when `clip`, else raise OverflowError.
    pub fn index_isize(&mut self, r: Ref<'_>, clip: bool) -> PyResult<isize> {
        if let Some(n) = r.value().as_int() {
            return Ok(n as isize);
        }
        let n = self.index(r)?;
        if let Some(n) = int::small_int_of(n.as_ref()) {
            return Ok(n as isize);
        }
        let big = int::bigint_of(n.as_ref()).unwrap_or_default();
        if let Some(n) = big.to_isize() {
            return Ok(n);
        }
        if clip {
            return Ok(if big.sign() == num_bigint::Sign::Minus { isize::MIN } else { isize::MAX });
        }
        let class = self.type_name(r);
        Err(self.raise(Exc::OverflowError, &format!("cannot fit '{class}' into an index-sized integer")))
    }

    /// A C `int` argument.
    pub fn index_i32(&mut self, r: Ref<'_>) -> PyResult<i32> {
        let n = self.index(r)?;
        match int::bigint_of(n.as_ref()).and_then(|n| n.to_i32()) {
            Some(n) => Ok(n),
            None => Err(self.overflow_error("Python int too large to convert to C int")),
        }
    }

    /// `float(r)` for an argument: floats, ints and objects with `__float__` or `__index__`.
    pub fn as_f64(&mut self, r: Ref<'_>) -> PyResult<f64> {
        let v = base_value(r);
        if let Some(x) = float::float_of(v) {
            return Ok(x);
        }
        if let Some(n) = int::small_int_of(v) {
            return Ok(n as f64);
        }
        if let Some(n) = int::bigint_of(v) {
            return self.bigint_to_f64(&n);
        }
        let slots = self.class_of(r).slots();
        if let Some(f) = slots.float {
            let x = f(self, r)?;
            return match float::float_of(base_value(x.as_ref())) {
                Some(x) => Ok(x),
                None => {
                    let (own, class) = (self.type_name(r), self.type_name(x.as_ref()));
                    Err(self.type_error(&format!("{own}.__float__ returned non-float (type {class})")))
                }
            };
        }
        if slots.index.is_some() {
            let n = self.index(r)?;
            return self.as_f64(n.as_ref());
        }
        let class = self.type_name(r);
        Err(self.type_error(&format!("must be real number, not {class}")))
    }

    /// A big int as the nearest float (ties to even); OverflowError when it is too large.
    pub fn bigint_to_f64(&mut self, n: &num_bigint::BigInt) -> PyResult<f64> {
        let x = n.to_f64().unwrap_or(f64::INFINITY);
        if x.is_finite() { Ok(x) } else { Err(self.overflow_error("int too large to convert to float")) }
    }

    // ---- attributes by text

    /// `getattr(r, name)`
    pub fn get_attr_name(&mut self, r: Ref<'_>, name: &str) -> PyResult {
        let name = self.intern(name)?;
        self.get_attr(r, name.as_ref())
    }

    /// `getattr(r, name, None)`: absent when it raises AttributeError.
    pub fn get_attr_opt(&mut self, r: Ref<'_>, name: Ref<'_>) -> PyResult<Option<Owned>> {
        match self.get_attr(r, name) {
            Ok(v) => Ok(Some(v)),
            Err(e) if self.raised_is(&e, Exc::AttributeError) => {
                self.discard(e);
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    /// `r.name(*args)`
    pub fn call_method(&mut self, r: Ref<'_>, name: &str, args: &[Ref<'_>]) -> PyResult {
        let f = self.get_attr_name(r, name)?;
        self.call(f.as_ref(), args)
    }

    /// Calls the special method `name` of the class of `r` with `r` and `args`; `None` when the class has none.
    pub fn call_special(&mut self, r: Ref<'_>, name: Ref<'_>, args: &[Ref<'_>]) -> PyResult<Option<Owned>> {
        let Some((f, bound)) = self.find_special(r, name)? else { return Ok(None) };
        if bound {
            return self.call(f.as_ref(), args).map(Some);
        }
        self.call_prepended(f.as_ref(), r, args, &[], &[]).map(Some)
    }

    /// `print`-like helper for tables of tests: `None` as a value.
    pub fn none(&self) -> Owned {
        none()
    }

    /// `isinstance(r, class_or_tuple)`
    pub fn isinstance(&mut self, r: Ref<'_>, class: Ref<'_>) -> PyResult<bool> {
        crate::classinfo::check(self, r, class, crate::classinfo::Question::Instance)
    }

    /// `issubclass(c, class_or_tuple)`
    pub fn issubclass(&mut self, c: Ref<'_>, class: Ref<'_>) -> PyResult<bool> {
        crate::classinfo::check(self, c, class, crate::classinfo::Question::Subclass)
    }
}

/// See [`Vm::iterate`].
pub struct Iteration {
    source: Owned,
    /// Next index into an exact list or tuple; `usize::MAX`: `source` is an iterator.
    index: usize,
}

impl Iteration {
    /// The next item.
    #[inline]
    pub fn next(&mut self, vm: &mut Vm) -> PyResult<Option<Owned>> {
        if self.index == usize::MAX {
            return vm.next(self.source.as_ref());
        }
        let i = self.index;
        self.index += 1;
        let r = self.source.as_ref();
        if let Some(l) = ListRef::new(r) {
            return Ok(l.get(i));
        }
        Ok(TupleRef::new(r).and_then(|t| t.items().get(i).map(|x| x.owned())))
    }
}
