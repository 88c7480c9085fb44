//! From node objects to a [`Tree`]: what is missing or of a wrong type is a TypeError as CPython words it.
//!
//! Reading attributes may run Python code: every object read is owned.

use super::class_named;
use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::Const;
use hognose_compiler::tree::grammar::{self, Field, Quantity};
use hognose_compiler::tree::{Node, Place, Tree};
use hognose_object::bytes::bytes_of;
use hognose_object::list::ListRef;
use hognose_object::tuple::TupleRef;
use hognose_object::{ELLIPSIS, FALSE, Layout, Owned, Ref, TRUE, ValueExt};
use std::collections::HashMap;
use std::rc::Rc;

/// Deeper trees are refused.
const MAX_DEPTH: usize = 2_000;

struct Row {
    name: &'static str,
    base: &'static str,
    fields: Vec<(Field, Owned)>,
}

pub(super) struct Reader {
    /// By the address of the class.
    rows: HashMap<u64, Rc<Row>>,
    /// Keeps the classes alive.
    _classes: Vec<Owned>,
    depth: usize,
}

impl Reader {
    pub fn new(vm: &mut Vm, names: Owned) -> PyResult<Reader> {
        let mut rows = HashMap::new();
        let mut classes = Vec::new();
        for (name, base, doc) in grammar::CLASSES {
            let class = class_named(vm, &names, name)?;
            let mut fields = Vec::new();
            for f in grammar::fields(name, doc) {
                fields.push((f, vm.intern(f.name)?));
            }
            rows.insert(class.value().bits(), Rc::new(Row { name, base, fields }));
            classes.push(class);
        }
        Ok(Reader { rows, _classes: classes, depth: 0 })
    }

    /// The class of the grammar that an object is of.
    fn row(&self, vm: &Vm, r: Ref<'_>) -> Option<Rc<Row>> {
        vm.class_of(r).mro_items().find_map(|c| self.rows.get(&c.as_ref().value().bits()).cloned())
    }

    /// The tree of a whole module or expression.
    pub fn root(&mut self, vm: &mut Vm, r: Ref<'_>, wanted: &str) -> PyResult<Tree> {
        match self.row(vm, r) {
            Some(row) if row.name == wanted => self.node(vm, r, &row, None),
            _ => {
                let class = vm.class_of(r).name();
                Err(vm.type_error(&format!("expected {wanted} node, got {class}")))
            }
        }
    }

    fn unexpected(vm: &mut Vm, r: Ref<'_>, wanted: &str) -> Raised {
        match vm.repr_text(r) {
            Ok(text) => vm.type_error(&format!("expected some sort of {wanted}, but got {text}")),
            Err(e) => e,
        }
    }

    fn node(&mut self, vm: &mut Vm, r: Ref<'_>, row: &Rc<Row>, place: Option<Place>) -> PyResult<Tree> {
        vm.check_native_stack()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(
                vm.raise(Exc::RecursionError, "maximum recursion depth exceeded during ast construction")
            );
        }
        let mut fields = Vec::with_capacity(row.fields.len());
        for (field, name) in &row.fields {
            let value = vm.get_attr_opt(r, name.as_ref())?;
            fields.push(self.field(vm, row.name, *field, value)?);
        }
        let place = match place {
            None if grammar::PLACED.contains(&row.name) => Some(place_of(vm, r, row.name)?),
            place => place,
        };
        self.depth -= 1;
        Ok(Tree::Node(Box::new(Node { class: row.name, place, fields })))
    }

    fn field(&mut self, vm: &mut Vm, owner: &str, f: Field, value: Option<Owned>) -> PyResult<Tree> {
        let Some(value) = value else {
            return match f.quantity {
                Quantity::Many => Ok(Tree::List(Vec::new())),
                Quantity::Optional => Ok(Tree::None),
                Quantity::One => {
                    Err(vm.type_error(&format!("required field \"{}\" missing from {owner}", f.name)))
                }
            };
        };
        let r = value.as_ref();
        match f.quantity {
            Quantity::Optional if r.is_none() => Ok(Tree::None),
            Quantity::Many => self.list(vm, owner, f, r),
            _ => self.one(vm, owner, f, r),
        }
    }

    fn list(&mut self, vm: &mut Vm, owner: &str, f: Field, r: Ref<'_>) -> PyResult<Tree> {
        if ListRef::new(r).is_none() {
            let given = vm.type_name(r);
            return Err(vm.type_error(&format!("{owner} field \"{}\" must be a list, not a {given}", f.name)));
        }
        let mut parts = Vec::new();
        let length = vm.items_of(r).len();
        for item in vm.items_of(r) {
            let part =
                if item.as_ref().is_none() { Tree::None } else { self.one(vm, owner, f, item.as_ref())? };
            parts.push(part);
        }
        if vm.items_of(r).len() != length {
            let message = format!("{owner} field \"{}\" changed size during iteration", f.name);
            return Err(vm.runtime_error(&message));
        }
        Ok(Tree::List(parts))
    }

    fn one(&mut self, vm: &mut Vm, owner: &str, f: Field, r: Ref<'_>) -> PyResult<Tree> {
        match f.class {
            "identifier" => match crate::text::as_str(r) {
                Some(s) => Ok(Tree::Name(s.to_lossy().into_owned())),
                None => Err(vm.type_error("AST identifier must be of type str")),
            },
            "int" => int(vm, r).map(Tree::Int),
            "string" if crate::text::as_str(r).is_none() => {
                Err(vm.type_error("AST string must be of type str"))
            }
            "constant" if owner == "Interpolation" => constant(vm, r, 0).map(Tree::Const),
            "string" | "constant" => constant(vm, r, 0).map(Tree::Const),
            wanted => self.instance(vm, owner, f, wanted, r),
        }
    }

    /// A node of the class `wanted` or derived from it. Those of several kinds have their place looked at first.
    fn instance(&mut self, vm: &mut Vm, owner: &str, f: Field, wanted: &str, r: Ref<'_>) -> PyResult<Tree> {
        if r.is_none() && f.quantity == Quantity::One {
            return Err(vm.value_error(&format!("field '{}' is required for {owner}", f.name)));
        }
        let row = self.row(vm, r);
        let exact = row.as_ref().is_some_and(|row| row.name == wanted && row.base == "AST");
        let place =
            if !exact && grammar::PLACED.contains(&wanted) { Some(place_of(vm, r, wanted)?) } else { None };
        match row {
            Some(row) if row.name == wanted || row.base == wanted => self.node(vm, r, &row, place),
            _ => Err(Self::unexpected(vm, r, wanted)),
        }
    }
}

fn place_of(vm: &mut Vm, r: Ref<'_>, owner: &str) -> PyResult<Place> {
    let mut read = |name: &str, default: Option<u32>| -> PyResult<u32> {
        let key = vm.intern(name)?;
        match vm.get_attr_opt(r, key.as_ref())?.filter(|v| !v.as_ref().is_none()) {
            Some(v) => int(vm, v.as_ref()).map(|n| u32::try_from(n).unwrap_or(0)),
            None => default
                .ok_or_else(|| vm.type_error(&format!("required field \"{name}\" missing from {owner}"))),
        }
    };
    let (line, col) = (read("lineno", None)?, read("col_offset", None)?);
    let (end_line, end_col) = (read("end_lineno", Some(line))?, read("end_col_offset", Some(col))?);
    Ok(Place { line, col, end_line, end_col })
}

fn int(vm: &mut Vm, r: Ref<'_>) -> PyResult<i64> {
    if !hognose_object::int::is_int(r) {
        return match vm.repr_text(r) {
            Ok(text) => Err(vm.value_error(&format!("invalid integer value: {text}"))),
            Err(e) => Err(e),
        };
    }
    Ok(vm.index_isize(r, false)? as i64)
}

/// The constant that an object is.
pub(crate) fn constant_of(vm: &mut Vm, r: Ref<'_>) -> PyResult<Const> {
    constant(vm, r, 0)
}

/// The value of a `Constant`.
fn constant(vm: &mut Vm, r: Ref<'_>, depth: usize) -> PyResult<Const> {
    if r.is_none() {
        return Ok(Const::None);
    }
    let v = r.value();
    if v == TRUE || v == FALSE {
        return Ok(Const::Bool(v == TRUE));
    }
    if v == ELLIPSIS {
        return Ok(Const::Ellipsis);
    }
    if let Some(n) = hognose_object::int::bigint_of(r).filter(|_| hognose_object::int::is_int(r)) {
        return Ok(match i64::try_from(&n) {
            Ok(n) => Const::Int(n),
            Err(_) if n.sign() == num_bigint::Sign::Minus => Const::BigInt(format!("-0x{:x}", n.magnitude())),
            Err(_) => Const::BigInt(format!("0x{n:x}")),
        });
    }
    if let Some(s) = crate::text::as_str(r) {
        return Ok(Const::Str(s.as_bytes().into()));
    }
    if let Some(b) = bytes_of(r) {
        return Ok(Const::Bytes(b.into()));
    }
    if let Some(x) = hognose_object::float::float_of(r) {
        return Ok(Const::Float(x));
    }
    if let Some((re, im)) = hognose_object::float::complex_of(r) {
        return Ok(Const::Complex(re, im));
    }
    if depth < 100 && r.has_layout(Layout::Tuple) {
        let items: Vec<Owned> =
            TupleRef::new(r).map_or(Vec::new(), |t| t.items().iter().map(|i| i.owned()).collect());
        let items: PyResult<Vec<Const>> = items.iter().map(|i| constant(vm, i.as_ref(), depth + 1)).collect();
        return Ok(Const::Tuple(items?));
    }
    let class = vm.type_name(r);
    Err(vm.type_error(&format!("got an invalid type in Constant: {class}")))
}
