//! Scopes and what each name means in them.
//!
//! ```text
//! build.rs    walks the tree: what every scope binds and uses, errors of declarations
//! resolve.rs  from the outside in: is a name local, a cell, free or global
//! ```
//! Scopes are found again by the address of their node and a [`Part`]. List, set and dict comprehensions outside class
//! bodies are *inlined* (PEP 709): they keep a scope of their own, but their variables get hidden registers of the
//! surrounding function and all other names mean what they mean there.
//! Invariant: a name in `captured` of a scope is bound as a cell in exactly one enclosing scope.

mod build;
mod resolve;

use ruff_text_size::TextRange;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) use build::{expression, module};

pub(crate) type ScopeId = usize;

/// Kind of a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScopeKind {
    Module,
    Function,
    Class,
    /// Comprehension or generator expression.
    Comprehension,
    /// Annotations, type parameters, values of type aliases: a function that may see a class namespace.
    Annotation,
}

impl ScopeKind {
    /// Do its variables live in registers?
    pub fn is_function(self) -> bool {
        !matches!(self, ScopeKind::Module | ScopeKind::Class)
    }
}

/// Which scope of a node that has several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(crate) enum Part {
    /// The scope of the node itself.
    Body,
    /// Its type parameters.
    TypeParams,
    /// Its `__annotate__`.
    Annotate,
    /// Bound or constraints of a type variable.
    Bound,
    /// Default of a type parameter.
    Default,
    /// Value of a type alias.
    Value,
}

/// What a name means in a scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Meaning {
    /// Register of a function, or name in the namespace of a class or module.
    Local,
    Cell,
    Free,
    GlobalExplicit,
    GlobalImplicit,
}

/// How a scope mentions a name.
#[derive(Default, Clone, Copy)]
pub(crate) struct Use {
    pub bound: bool,
    pub used: bool,
    pub global: bool,
    pub nonlocal: bool,
    pub param: bool,
    pub annotated: bool,
    /// Where `nonlocal` was said.
    pub range: TextRange,
}

/// One scope.
pub(crate) struct Scope {
    pub kind: ScopeKind,
    /// Address of its node.
    pub node: usize,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    pub names: BTreeMap<String, Use>,
    /// Order of first appearance, for register numbers.
    pub order: Vec<String>,
    pub meanings: BTreeMap<String, Meaning>,
    /// Names it needs from enclosing functions, for itself or for scopes inside it.
    pub free: BTreeSet<String>,
    /// Those of `free` that a real function inside needs as cells.
    pub captured: BTreeSet<String>,
    pub inlined: bool,
    pub is_generator: bool,
    pub is_coroutine: bool,
    /// Class: a method needs `__class__`.
    pub needs_class_cell: bool,
    /// Class: an annotation scope needs its namespace.
    pub needs_class_dict: bool,
    /// Annotation scope directly in a class (through other annotation scopes).
    pub sees_class: bool,
    /// Class or module: annotations are recorded as they run.
    pub conditional_annotations: bool,
    /// Names that are deleted or cleared somewhere: not certainly bound after a merge.
    pub deleted: BTreeSet<String>,
    /// Class: attributes assigned through `self`.
    pub static_attributes: BTreeSet<String>,
    /// Class private name for mangling.
    pub class_name: Option<String>,
}

impl Scope {
    /// The comprehension's own variables.
    pub fn own_names(&self) -> impl Iterator<Item = (&String, Meaning)> {
        self.order.iter().filter_map(|n| {
            let m = *self.meanings.get(n)?;
            matches!(m, Meaning::Local | Meaning::Cell).then_some((n, m))
        })
    }
}

/// All scopes of a source.
pub(crate) struct Symbols {
    pub scopes: Vec<Scope>,
    by_node: HashMap<(usize, Part), ScopeId>,
    /// `from __future__ import annotations`.
    pub future_annotations: bool,
}

impl Symbols {
    /// The scope made for a part of a node.
    pub fn scope_of<T>(&self, node: &T, part: Part) -> Option<ScopeId> {
        self.by_node.get(&(address(node), part)).copied()
    }

    /// The scope of the module's annotations.
    pub fn module_annotations(&self) -> Option<ScopeId> {
        self.by_node.get(&(0, Part::Annotate)).copied()
    }

    /// Hidden registers that the inlined comprehensions in a scope need at most at a time.
    pub fn hidden_count(&self, id: ScopeId) -> usize {
        let inlined = self.scopes[id].children.iter().filter(|&&c| self.scopes[c].inlined);
        inlined.map(|&c| self.scopes[c].own_names().count() + self.hidden_count(c)).max().unwrap_or(0)
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// `__name` inside a class becomes `_Class__name`.
pub(crate) fn mangle(class: Option<&str>, name: &str) -> String {
    match class.map(|c| c.trim_start_matches('_')) {
        Some(class)
            if name.starts_with("__")
                && !name.ends_with("__")
                && !class.is_empty()
                && !name.contains('.') =>
        {
            format!("_{class}{name}")
        }
        _ => name.to_string(),
    }
}
