//! Decides what every name means, from the outside in.
//!
//! `visible` is what enclosing functions bind; a child's free names become our cells or are passed on.

use super::{Meaning, ScopeId, ScopeKind, Symbols, Use};
use crate::error::{CompileError, ErrorKind};
use std::collections::BTreeSet;

/// Resolves scope `id` and all inside it.
pub(super) fn resolve(
    s: &mut Symbols,
    source: &str,
    id: ScopeId,
    visible: &BTreeSet<String>,
) -> Result<(), CompileError> {
    let names: Vec<(String, Use)> = s.scopes[id].names.iter().map(|(n, u)| (n.clone(), *u)).collect();
    let kind = s.scopes[id].kind;
    let mut below = visible.clone();
    for (n, u) in &names {
        if u.global {
            below.remove(n);
        } else if kind.is_function() && u.bound && !u.nonlocal {
            below.insert(n.clone());
        }
    }
    if kind == ScopeKind::Class {
        for n in ["__class__", "__classdict__", "__conditional_annotations__"] {
            below.insert(n.into());
        }
    }
    let mut captured = BTreeSet::new();
    for child in s.scopes[id].children.clone() {
        resolve(s, source, child, &below)?;
        let c = &s.scopes[child];
        captured.extend(if c.inlined { c.captured.iter().cloned() } else { c.free.iter().cloned() });
        if c.inlined {
            hoist_uses(s, id, child);
        }
    }
    meanings(s, source, id, visible, &captured)?;
    for name in captured {
        capture(s, id, name);
    }
    Ok(())
}

/// What an inlined comprehension uses of the surrounding scope is used there.
fn hoist_uses(s: &mut Symbols, id: ScopeId, child: ScopeId) {
    let c = &s.scopes[child];
    let outer: Vec<String> = c
        .order
        .iter()
        .filter(|n| !matches!(c.meanings.get(*n), Some(Meaning::Local | Meaning::Cell)))
        .cloned()
        .collect();
    for n in outer {
        let scope = &mut s.scopes[id];
        if !scope.names.contains_key(&n) {
            scope.names.insert(n.clone(), Use { used: true, ..Use::default() });
            scope.order.push(n);
        }
    }
}

fn meanings(
    s: &mut Symbols,
    source: &str,
    id: ScopeId,
    visible: &BTreeSet<String>,
    captured: &BTreeSet<String>,
) -> Result<(), CompileError> {
    let function = s.scopes[id].kind.is_function();
    let scope = &mut s.scopes[id];
    for (name, u) in &scope.names {
        let meaning = if u.global {
            Meaning::GlobalExplicit
        } else if u.nonlocal {
            if !visible.contains(name) {
                let message = format!("no binding for nonlocal '{name}' found");
                return Err(CompileError::at(ErrorKind::Syntax, message, source, u.range));
            }
            Meaning::Free
        } else if u.bound {
            if function && captured.contains(name) { Meaning::Cell } else { Meaning::Local }
        } else if visible.contains(name) {
            Meaning::Free
        } else {
            Meaning::GlobalImplicit
        };
        if meaning == Meaning::Free {
            scope.free.insert(name.clone());
        }
        scope.meanings.insert(name.clone(), meaning);
    }
    Ok(())
}

/// A function inside needs `name` as a cell.
fn capture(s: &mut Symbols, id: ScopeId, name: String) {
    let scope = &mut s.scopes[id];
    let mine = scope.meanings.get(&name).copied();
    match (scope.kind, name.as_str()) {
        (ScopeKind::Class, "__class__") => scope.needs_class_cell = true,
        (ScopeKind::Class, "__classdict__") => scope.needs_class_dict = true,
        (ScopeKind::Class, "__conditional_annotations__") => {}
        (kind, _) if kind.is_function() && mine == Some(Meaning::Cell) => {}
        _ => {
            scope.free.insert(name.clone());
            scope.captured.insert(name.clone());
            if mine.is_none() {
                scope.meanings.insert(name, Meaning::Free);
            }
        }
    }
}
