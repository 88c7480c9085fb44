//! The walk that records what every scope binds and uses.
//!
//! Every function gets up to three scopes: type parameters (around the others), annotations, body.
//! Invariant: `current` is the scope whose node is being walked; `push` and `pop` come in pairs.

mod walk;

use super::{Part, Scope, ScopeId, ScopeKind, Symbols, Use, address, mangle, resolve::resolve};
use crate::error::{CompileError, ErrorKind};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use walk::{BannedOnly, find_yield};

/// Why an expression may not contain `yield`, `await` or `:=`.
type Ban = &'static str;

struct Builder<'s> {
    source: &'s str,
    symbols: Symbols,
    current: ScopeId,
    error: Option<CompileError>,
    /// Set inside annotations, bounds, bases of generics, values of type aliases.
    ban: Option<Ban>,
    /// Inside the iterable of a comprehension.
    in_iterable: bool,
    /// Inside if, for, while, try, with, match of a class or module body.
    in_conditional: bool,
}

/// Symbols of a module.
pub(crate) fn module(source: &str, body: &[Stmt], future: bool) -> Result<Symbols, CompileError> {
    let said = body.iter().any(|s| match s {
        Stmt::ImportFrom(i) => {
            i.module.as_ref().is_some_and(|m| m.as_str() == "__future__")
                && i.names.iter().any(|a| a.name.as_str() == "annotations")
        }
        _ => false,
    });
    build(source, future || said, |b| b.visit_body(body))
}

/// Symbols of an expression.
pub(crate) fn expression(source: &str, e: &Expr) -> Result<Symbols, CompileError> {
    build(source, false, |b| b.visit_expr(e))
}

fn build(
    source: &str,
    future_annotations: bool,
    walk: impl FnOnce(&mut Builder<'_>),
) -> Result<Symbols, CompileError> {
    let symbols = Symbols { scopes: Vec::new(), by_node: HashMap::new(), future_annotations };
    let mut b = Builder {
        source,
        symbols,
        current: 0,
        error: None,
        ban: None,
        in_iterable: false,
        in_conditional: false,
    };
    b.push(ScopeKind::Module, (0, Part::Body), None);
    walk(&mut b);
    if let Some(e) = b.error {
        return Err(e);
    }
    let mut symbols = b.symbols;
    resolve(&mut symbols, source, 0, &BTreeSet::new())?;
    Ok(symbols)
}

impl<'a> Builder<'_> {
    fn push(&mut self, kind: ScopeKind, node: (usize, Part), class_name: Option<String>) -> ScopeId {
        let id = self.symbols.scopes.len();
        let parent = (id > 0).then_some(self.current);
        let above = parent.map(|p| &self.symbols.scopes[p]);
        let inherited = above.and_then(|p| p.class_name.clone());
        let sees_class = kind == ScopeKind::Annotation
            && above.is_some_and(|p| p.kind == ScopeKind::Class || p.sees_class);
        self.symbols.scopes.push(Scope {
            kind,
            node: node.0,
            parent,
            children: Vec::new(),
            names: BTreeMap::new(),
            order: Vec::new(),
            meanings: BTreeMap::new(),
            free: BTreeSet::new(),
            captured: BTreeSet::new(),
            inlined: false,
            is_generator: false,
            is_coroutine: false,
            needs_class_cell: false,
            needs_class_dict: false,
            sees_class,
            conditional_annotations: false,
            deleted: BTreeSet::new(),
            static_attributes: BTreeSet::new(),
            class_name: class_name.or(inherited),
        });
        if let Some(p) = parent {
            self.symbols.scopes[p].children.push(id);
        }
        self.symbols.by_node.insert(node, id);
        self.current = id;
        if sees_class {
            self.name_in(id, "__classdict__", |u| u.used = true);
        }
        id
    }

    fn pop(&mut self) {
        self.current = self.scope().parent.unwrap_or(0);
    }

    fn scope(&mut self) -> &mut Scope {
        &mut self.symbols.scopes[self.current]
    }

    /// Records a mention of `name` (mangled here) in a scope.
    fn name_in(&mut self, scope: ScopeId, name: &str, set: impl FnOnce(&mut Use)) {
        let scope = &mut self.symbols.scopes[scope];
        let name = mangle(scope.class_name.as_deref(), name);
        if !scope.names.contains_key(&name) {
            scope.order.push(name.clone());
        }
        set(scope.names.entry(name).or_default());
    }

    fn bind(&mut self, name: &str) {
        self.name_in(self.current, name, |u| u.bound = true);
    }

    fn delete(&mut self, name: &str) {
        self.bind(name);
        let name = mangle(self.scope().class_name.as_deref(), name);
        self.scope().deleted.insert(name);
    }

    fn fail(&mut self, message: impl Into<String>, range: TextRange) {
        if self.error.is_none() {
            self.error = Some(CompileError::at(ErrorKind::Syntax, message, self.source, range));
        }
    }

    fn parameters(&mut self, p: &ast::Parameters) {
        let names = p.posonlyargs.iter().chain(&p.args).chain(&p.kwonlyargs).map(|p| &p.parameter);
        for p in names.chain(p.vararg.as_deref()).chain(p.kwarg.as_deref()) {
            let class = self.scope().class_name.clone();
            if self.scope().names.contains_key(&mangle(class.as_deref(), &p.name)) {
                self.fail(format!("duplicate argument '{}' in function definition", p.name), p.range);
            }
            self.name_in(self.current, &p.name, |u| {
                u.bound = true;
                u.param = true;
            });
        }
    }

    fn defaults(&mut self, p: &'a ast::Parameters) {
        p.iter_non_variadic_params().filter_map(|p| p.default.as_deref()).for_each(|d| self.visit_expr(d));
    }

    /// A scope whose expressions may not yield, await or assign.
    fn annotation_scope(&mut self, node: (usize, Part), ban: Ban, walk: impl FnOnce(&mut Self)) {
        let outer = self.ban.replace(ban);
        self.push(ScopeKind::Annotation, node, None);
        self.format_parameter();
        walk(self);
        self.pop();
        self.ban = outer;
    }

    /// Runs `walk` in the scope of the type parameters if there are any.
    fn with_type_params(
        &mut self,
        node: usize,
        t: Option<&'a ast::TypeParams>,
        walk: impl FnOnce(&mut Self),
    ) {
        let Some(t) = t else { return walk(self) };
        self.push(ScopeKind::Annotation, (node, Part::TypeParams), None);
        for p in &t.type_params {
            let name = p.name();
            let mangled = mangle(self.scope().class_name.as_deref(), name);
            if self.scope().names.contains_key(&mangled) {
                self.fail(format!("duplicate type parameter '{name}'"), p.range());
            }
            self.bind(name);
            let (bound, default) = match p {
                ast::TypeParam::TypeVar(v) => (v.bound.as_deref(), v.default.as_deref()),
                ast::TypeParam::TypeVarTuple(v) => (None, v.default.as_deref()),
                ast::TypeParam::ParamSpec(v) => (None, v.default.as_deref()),
            };
            if let Some(e) = bound {
                let ban = if e.is_tuple_expr() { "a TypeVar constraint" } else { "a TypeVar bound" };
                self.annotation_scope((address(p), Part::Bound), ban, |b| b.visit_expr(e));
            }
            if let Some(e) = default {
                let ban = match p {
                    ast::TypeParam::TypeVar(_) => "a TypeVar default",
                    ast::TypeParam::TypeVarTuple(_) => "a TypeVarTuple default",
                    ast::TypeParam::ParamSpec(_) => "a ParamSpec default",
                };
                self.annotation_scope((address(p), Part::Default), ban, |b| b.visit_expr(e));
            }
        }
        walk(self);
        self.pop();
    }

    fn function(
        &mut self,
        node: usize,
        p: Option<&ast::Parameters>,
        body: impl FnOnce(&mut Self),
    ) -> ScopeId {
        let outer = (self.ban.take(), self.in_iterable, self.in_conditional);
        (self.in_iterable, self.in_conditional) = (false, false);
        let id = self.push(ScopeKind::Function, (node, Part::Body), None);
        p.into_iter().for_each(|p| self.parameters(p));
        body(self);
        self.pop();
        (self.ban, self.in_iterable, self.in_conditional) = outer;
        id
    }

    fn function_def(&mut self, f: &'a ast::StmtFunctionDef) {
        f.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
        self.bind(&f.name);
        self.defaults(&f.parameters);
        self.with_type_params(address(f), f.type_params.as_deref(), |b| {
            if b.scope().kind == ScopeKind::Annotation && f.type_params.is_some() {
                b.generic_defaults(&f.parameters);
            }
            let all = f.parameters.iter_source_order().filter_map(ast::AnyParameterRef::annotation);
            let annotations: Vec<&'a Expr> = all.chain(f.returns.as_deref()).collect();
            if !annotations.is_empty() && !b.symbols.future_annotations {
                b.annotation_scope((address(f), Part::Annotate), "an annotation", |b| {
                    annotations.into_iter().for_each(|e| b.visit_expr(e));
                });
            } else if !annotations.is_empty() {
                b.annotation_scope((address(f), Part::Annotate), "an annotation", |_| {});
            }
            let id = b.function(address(f), Some(&f.parameters), |b| {
                b.symbols.scopes[b.current].is_coroutine = f.is_async;
                b.visit_body(&f.body);
            });
            b.symbols.scopes[id].is_coroutine = f.is_async;
        });
    }

    /// The parameter of annotate functions and evaluators.
    fn format_parameter(&mut self) {
        self.name_in(self.current, ".format", |u| {
            u.bound = true;
            u.param = true;
        });
    }

    /// Parameters of the scope of type parameters that carry a function's defaults.
    fn generic_defaults(&mut self, p: &ast::Parameters) {
        let positional = p.posonlyargs.iter().chain(&p.args).any(|p| p.default.is_some());
        let keyword = p.kwonlyargs.iter().any(|p| p.default.is_some());
        for name in
            [positional.then_some(".defaults"), keyword.then_some(".kwdefaults")].into_iter().flatten()
        {
            self.name_in(self.current, name, |u| {
                u.bound = true;
                u.param = true;
                u.used = true;
            });
        }
    }

    fn class_def(&mut self, c: &'a ast::StmtClassDef) {
        c.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
        self.bind(&c.name);
        self.with_type_params(address(c), c.type_params.as_deref(), |b| {
            let generic = c.type_params.is_some();
            let outer = b.ban;
            if generic {
                b.bind(".type_params");
                b.bind(".generic_base");
                b.ban = Some("the definition of a generic");
            }
            if let Some(args) = &c.arguments {
                args.args.iter().for_each(|e| b.visit_expr(e));
                args.keywords.iter().for_each(|k| b.visit_expr(&k.value));
            }
            b.ban = None;
            let conditional = std::mem::take(&mut b.in_conditional);
            b.push(ScopeKind::Class, (address(c), Part::Body), Some(c.name.to_string()));
            if generic {
                b.name_in(b.current, ".type_params", |u| u.used = true);
            }
            b.visit_body(&c.body);
            b.pop();
            b.in_conditional = conditional;
            b.ban = outer;
        });
    }

    fn comprehension(
        &mut self,
        node: usize,
        generators: &'a [ast::Comprehension],
        inline: bool,
        elts: &[&'a Expr],
    ) {
        let iterable = std::mem::replace(&mut self.in_iterable, true);
        generators.iter().take(1).for_each(|g| self.visit_expr(&g.iter));
        self.in_iterable = iterable;
        let mut around = self.current;
        while self.symbols.scopes[around].inlined {
            around = self.symbols.scopes[around].parent.unwrap_or(0);
        }
        let around = &self.symbols.scopes[around];
        let inlined = inline && around.kind != ScopeKind::Class && !around.sees_class;
        self.push(ScopeKind::Comprehension, (node, Part::Body), None);
        self.scope().inlined = inlined;
        self.scope().is_generator = !inline;
        if !inlined {
            self.name_in(self.current, ".0", |u| {
                u.bound = true;
                u.param = true;
            });
        }
        for (i, g) in generators.iter().enumerate() {
            if i > 0 {
                let iterable = std::mem::replace(&mut self.in_iterable, true);
                self.visit_expr(&g.iter);
                self.in_iterable = iterable;
            }
            self.visit_expr(&g.target);
            g.ifs.iter().for_each(|e| self.visit_expr(e));
        }
        elts.iter().for_each(|e| self.visit_expr(e));
        self.pop();
    }

    /// A walrus inside comprehensions binds in the scope around them.
    fn named_target(&mut self, t: &ast::ExprName) {
        let name = t.id.as_str();
        let mangled = mangle(self.scope().class_name.as_deref(), name);
        if self.in_iterable {
            self.fail("assignment expression cannot be used in a comprehension iterable expression", t.range);
        }
        let mut at = self.current;
        while self.symbols.scopes[at].kind == ScopeKind::Comprehension {
            if self.symbols.scopes[at].names.get(&mangled).is_some_and(|u| u.bound) {
                let what = "assignment expression cannot rebind comprehension iteration variable";
                self.fail(format!("{what} '{name}'"), t.range);
            }
            at = self.symbols.scopes[at].parent.unwrap_or(0);
        }
        if at == self.current {
            return self.bind(name);
        }
        if self.symbols.scopes[at].kind == ScopeKind::Class {
            let what = "assignment expression within a comprehension cannot be used in a class body";
            self.fail(what, t.range);
        }
        let declared = self.symbols.scopes[at].names.get(&mangled).copied().unwrap_or_default();
        let global = self.symbols.scopes[at].kind == ScopeKind::Module || declared.global;
        self.name_in(at, name, |u| u.bound = true);
        let mut inner = self.current;
        while inner != at {
            self.name_in(inner, name, |u| {
                u.used = true;
                u.global = global;
                u.nonlocal = !global;
            });
            inner = self.symbols.scopes[inner].parent.unwrap_or(0);
        }
    }

    fn declare(&mut self, names: &[ast::Identifier], what: &str, range: TextRange) {
        for n in names {
            let class = self.scope().class_name.clone();
            let before = self.scope().names.get(&mangle(class.as_deref(), n)).copied().unwrap_or_default();
            if what == "nonlocal" && self.scope().kind == ScopeKind::Module {
                self.fail("nonlocal declaration not allowed at module level", range);
            } else if before.param {
                self.fail(format!("name '{n}' is parameter and {what}"), range);
            } else if before.annotated {
                self.fail(format!("annotated name '{n}' can't be {what}"), range);
            } else if before.bound {
                self.fail(format!("name '{n}' is assigned to before {what} declaration"), range);
            } else if before.used {
                self.fail(format!("name '{n}' is used prior to {what} declaration"), range);
            } else if (before.global && what == "nonlocal") || (before.nonlocal && what == "global") {
                let range = if before.nonlocal { before.range } else { range };
                self.fail(format!("name '{n}' is nonlocal and global"), range);
            }
            let global = what == "global";
            self.name_in(self.current, n, |u| {
                u.global |= global;
                u.nonlocal |= !global;
                u.range = range;
            });
        }
    }

    fn ann_assign(&mut self, a: &'a ast::StmtAnnAssign) {
        let name = if let Expr::Name(n) = &*a.target { Some(n) } else { None };
        if let Some(n) = name {
            let class = self.scope().class_name.clone();
            let before =
                self.scope().names.get(&mangle(class.as_deref(), &n.id)).copied().unwrap_or_default();
            let module = self.scope().kind == ScopeKind::Module;
            if a.simple && !module && (before.global || before.nonlocal) {
                let what = if before.global { "global" } else { "nonlocal" };
                self.fail(format!("annotated name '{}' can't be {what}", n.id), a.range);
            }
            if a.simple {
                self.name_in(self.current, &n.id, |u| {
                    u.annotated = true;
                    u.bound = true;
                });
            } else if a.value.is_some() {
                self.bind(&n.id);
            }
        }
        a.value.iter().for_each(|v| self.visit_expr(v));
        if name.is_none() {
            self.visit_expr(&a.target);
        }
        self.variable_annotation(a, name.is_some());
    }

    fn variable_annotation(&mut self, a: &'a ast::StmtAnnAssign, is_name: bool) {
        let kind = self.scope().kind;
        let deferred = is_name && a.simple && matches!(kind, ScopeKind::Module | ScopeKind::Class);
        if self.symbols.future_annotations || !deferred {
            return BannedOnly(self).visit_expr(&a.annotation);
        }
        if (kind == ScopeKind::Module || self.in_conditional) && !self.scope().conditional_annotations {
            self.scope().conditional_annotations = true;
        }
        let key = (self.scope().node, Part::Annotate);
        let outer = self.current;
        match self.symbols.by_node.get(&key).copied() {
            Some(id) => self.current = id,
            None => {
                self.push(ScopeKind::Annotation, key, None);
                self.format_parameter();
            }
        }
        if self.symbols.scopes[outer].kind == ScopeKind::Class
            && self.symbols.scopes[outer].conditional_annotations
        {
            self.name_in(self.current, "__conditional_annotations__", |u| u.used = true);
        }
        let ban = self.ban.replace("an annotation");
        self.visit_expr(&a.annotation);
        self.ban = ban;
        self.current = outer;
    }

    fn yields(&mut self, range: TextRange, what: &str) {
        if let Some(ban) = self.ban {
            return self.fail(format!("yield expression cannot be used within {ban}"), range);
        }
        match self.scope().kind {
            ScopeKind::Function => self.scope().is_generator = true,
            ScopeKind::Comprehension => {}
            _ => self.fail(format!("{what} outside function"), range),
        }
    }

    /// `self.x = …`: remember x for the class around.
    fn static_attribute(&mut self, a: &ast::ExprAttribute) {
        if !matches!(&*a.value, Expr::Name(n) if n.id.as_str() == "self") {
            return;
        }
        let mut at = Some(self.current);
        while let Some(id) = at {
            if self.symbols.scopes[id].kind == ScopeKind::Class {
                self.symbols.scopes[id].static_attributes.insert(a.attr.to_string());
                return;
            }
            at = self.symbols.scopes[id].parent;
        }
    }

    fn conditional(&mut self, s: &'a Stmt) {
        let outer = std::mem::replace(&mut self.in_conditional, true);
        visitor::walk_stmt(self, s);
        self.in_conditional = outer;
    }

    fn pattern_names(&mut self, p: &'a ast::Pattern) {
        match p {
            ast::Pattern::MatchAs(a) => a.name.iter().for_each(|n| self.bind(n)),
            ast::Pattern::MatchStar(a) => a.name.iter().for_each(|n| self.bind(n)),
            ast::Pattern::MatchMapping(m) => m.rest.iter().for_each(|n| self.bind(n)),
            _ => {}
        }
    }

    fn type_alias(&mut self, t: &'a ast::StmtTypeAlias) {
        self.visit_expr(&t.name);
        self.with_type_params(address(t), t.type_params.as_deref(), |b| {
            b.annotation_scope((address(t), Part::Value), "a type alias", |b| b.visit_expr(&t.value));
        });
    }

    fn element_error(&mut self, what: &str, elt: &Expr, range: TextRange) {
        let found = find_yield(elt);
        self.fail(format!("'yield' inside {what}"), found.unwrap_or(range));
    }
}
