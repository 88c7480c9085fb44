//! From a [`Tree`] to node objects.
//!
//! Invariant: no Python code runs while nodes are made, but for what a program put into `_ast` in place of a class.

use super::class_named;
use crate::class::TypeRef;
use crate::{PyResult, Vm};
use hognose_compiler::tree::{Node, Tree, grammar};
use hognose_object::{Owned, Ref};
use std::collections::HashMap;

/// A class and the names of its fields.
struct Class {
    class: Owned,
    fields: Vec<Owned>,
    /// The one instance of an operator or context.
    single: Option<Owned>,
}

pub(super) struct Builder {
    names: Owned,
    singletons: Owned,
    classes: HashMap<&'static str, Class>,
    /// `lineno`, `col_offset`, `end_lineno`, `end_col_offset`
    place: Vec<Owned>,
}

impl Builder {
    pub fn new(vm: &mut Vm, names: Owned) -> PyResult<Builder> {
        let mut place = Vec::new();
        for name in ["lineno", "col_offset", "end_lineno", "end_col_offset"] {
            place.push(vm.intern(name)?);
        }
        let singletons = class_named(vm, &names, "_singletons")?;
        Ok(Builder { names, singletons, classes: HashMap::new(), place })
    }

    fn learn(&mut self, vm: &mut Vm, name: &'static str) -> PyResult<()> {
        if self.classes.contains_key(name) {
            return Ok(());
        }
        let class = class_named(vm, &self.names, name)?;
        let doc = grammar::CLASSES.iter().find(|c| c.0 == name).map_or("", |c| c.2);
        let mut fields = Vec::new();
        for f in grammar::fields(name, doc) {
            fields.push(vm.intern(f.name)?);
        }
        let single = vm.dict_get_name(self.singletons.as_ref(), name)?;
        self.classes.insert(name, Class { class, fields, single });
        Ok(())
    }

    /// The object of a part.
    pub fn object(&mut self, vm: &mut Vm, tree: &Tree) -> PyResult {
        match tree {
            Tree::None => Ok(vm.none()),
            Tree::Name(name) => vm.intern(name),
            Tree::Int(n) => vm.new_int(*n),
            Tree::Const(c) => vm.load_single_const(c),
            Tree::List(items) => {
                let mut objects = Vec::with_capacity(items.len());
                for i in items {
                    objects.push(self.object(vm, i)?);
                }
                vm.new_list(objects)
            }
            Tree::Node(n) => self.node(vm, n),
        }
    }

    fn node(&mut self, vm: &mut Vm, n: &Node) -> PyResult {
        vm.check_native_stack()?;
        self.learn(vm, n.class)?;
        let Some(known) = self.classes.get(n.class) else { return Ok(vm.none()) };
        if let Some(single) = &known.single {
            return Ok(single.clone());
        }
        let fields = known.fields.clone();
        let class = known.class.clone();
        let Some(class) = TypeRef::new(class.as_ref()) else {
            return Err(vm.type_error("a class of _ast was replaced"));
        };
        let object = vm.alloc_for(class)?;
        for (name, part) in fields.iter().zip(&n.fields) {
            let value = self.object(vm, part)?;
            set(vm, object.as_ref(), name.as_ref(), &value)?;
        }
        if let Some(p) = n.place {
            let place = self.place.clone();
            for (name, n) in place.iter().zip([p.line, p.col, p.end_line, p.end_col]) {
                let value = vm.new_int(i64::from(n))?;
                set(vm, object.as_ref(), name.as_ref(), &value)?;
            }
        }
        Ok(object)
    }
}

fn set(vm: &mut Vm, object: Ref<'_>, name: Ref<'_>, value: &Owned) -> PyResult<()> {
    if vm.instance_set(object, name, value.as_ref())? {
        Ok(())
    } else {
        vm.set_attr(object, name, Some(value.as_ref()))
    }
}
