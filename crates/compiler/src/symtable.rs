//! Scopes and what each name means in them.
//!
//! Two passes: `Builder` walks the tree and records what every scope binds and uses; `resolve` decides from the
//! outside in whether a name is local, a cell, free or global. Scopes are found again by the address of their node.
//!
//! List, set and dict comprehensions outside class bodies are *inlined* (PEP 709): their own variables get registers
//! of the surrounding function, all other names mean what they mean there.

use crate::error::{CompileError, ErrorKind};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) type ScopeId = usize;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScopeKind {
    Module,
    Function,
    Class,
    /// Comprehension or generator expression.
    Comprehension,
}

/// What a name means in a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    Local,
    Cell,
    Free,
    GlobalExplicit,
    GlobalImplicit,
}

#[derive(Default, Clone, Copy)]
struct Use {
    bound: bool,
    used: bool,
    global: bool,
    nonlocal: bool,
    param: bool,
}

pub(crate) struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    names: BTreeMap<String, Use>,
    /// Order of first appearance, for register numbers.
    pub order: Vec<String>,
    pub meanings: BTreeMap<String, Meaning>,
    pub free: BTreeSet<String>,
    pub inlined: bool,
    pub is_generator: bool,
    pub is_coroutine: bool,
    /// Class: a method needs `__class__`.
    pub needs_class_cell: bool,
    /// Names that are deleted or cleared somewhere: never definitely bound.
    pub deleted: BTreeSet<String>,
    /// Class: attributes assigned through `self`.
    pub static_attributes: BTreeSet<String>,
    /// Class private name for mangling.
    pub class_name: Option<String>,
    first_param: Option<String>,
}

/// All scopes of a source.
pub(crate) struct Symbols {
    pub scopes: Vec<Scope>,
    by_node: HashMap<usize, ScopeId>,
}

impl Symbols {
    /// The scope made for a node.
    pub fn scope_of<T>(&self, node: &T) -> Option<ScopeId> {
        self.by_node.get(&address(node)).copied()
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

/// `__name` inside a class becomes `_Class__name`.
pub(crate) fn mangle(class: Option<&str>, name: &str) -> String {
    match class.map(|c| c.trim_start_matches('_')) {
        Some(class) if name.starts_with("__") && !name.ends_with("__") && !class.is_empty() && !name.contains('.') => {
            format!("_{class}{name}")
        }
        _ => name.to_string(),
    }
}

struct Builder<'s> {
    source: &'s str,
    symbols: Symbols,
    current: ScopeId,
    error: Option<CompileError>,
}

pub(crate) fn module(source: &str, body: &[Stmt]) -> Result<Symbols, CompileError> {
    build(source, |b| b.visit_body(body))
}

pub(crate) fn expression(source: &str, e: &Expr) -> Result<Symbols, CompileError> {
    build(source, |b| b.visit_expr(e))
}

fn build(source: &str, walk: impl FnOnce(&mut Builder<'_>)) -> Result<Symbols, CompileError> {
    let symbols = Symbols { scopes: Vec::new(), by_node: HashMap::new() };
    let mut b = Builder { source, symbols, current: 0, error: None };
    b.push(ScopeKind::Module, 0, None);
    walk(&mut b);
    match b.error {
        Some(e) => Err(e),
        None => {
            let mut symbols = b.symbols;
            resolve(&mut symbols.scopes, 0, &BTreeSet::new()).map_err(|m| CompileError::new(ErrorKind::Syntax, m))?;
            Ok(symbols)
        }
    }
}

impl Builder<'_> {
    fn push(&mut self, kind: ScopeKind, node: usize, class_name: Option<String>) -> ScopeId {
        let id = self.symbols.scopes.len();
        let parent = (id > 0).then_some(self.current);
        let inherited = parent.and_then(|p| self.symbols.scopes[p].class_name.clone());
        self.symbols.scopes.push(Scope {
            kind,
            parent,
            children: Vec::new(),
            names: BTreeMap::new(),
            order: Vec::new(),
            meanings: BTreeMap::new(),
            free: BTreeSet::new(),
            inlined: false,
            is_generator: false,
            is_coroutine: false,
            needs_class_cell: false,
            deleted: BTreeSet::new(),
            static_attributes: BTreeSet::new(),
            class_name: class_name.or(inherited),
            first_param: None,
        });
        if let Some(p) = parent {
            self.symbols.scopes[p].children.push(id);
        }
        self.symbols.by_node.insert(node, id);
        self.current = id;
        id
    }

    fn pop(&mut self) {
        self.current = self.scope().parent.unwrap_or(0);
    }

    fn scope(&mut self) -> &mut Scope {
        &mut self.symbols.scopes[self.current]
    }

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

    fn fail(&mut self, message: impl Into<String>, range: TextRange) {
        if self.error.is_none() {
            self.error = Some(CompileError::at(ErrorKind::Syntax, message, self.source, range));
        }
    }

    fn parameters(&mut self, p: &ast::Parameters) {
        for (i, any) in p.iter().enumerate() {
            let name = any.name().to_string();
            let class = self.scope().class_name.clone();
            let mangled = mangle(class.as_deref(), &name);
            if self.scope().names.contains_key(&mangled) {
                self.fail(format!("duplicate argument '{name}' in function definition"), any.range());
            }
            if i == 0 {
                self.scope().first_param = Some(name.clone());
            }
            self.name_in(self.current, &name, |u| {
                u.bound = true;
                u.param = true;
            });
        }
    }

    fn defaults(&mut self, p: &ast::Parameters) {
        for param in p.iter_non_variadic_params() {
            if let Some(d) = &param.default {
                self.visit_expr(d);
            }
        }
    }

    fn function(&mut self, node: usize, p: Option<&ast::Parameters>, body: impl FnOnce(&mut Self)) -> ScopeId {
        let id = self.push(ScopeKind::Function, node, None);
        if let Some(p) = p {
            self.parameters(p);
        }
        body(self);
        self.pop();
        id
    }

    fn comprehension<'a>(
        &mut self,
        node: usize,
        generators: &'a [ast::Comprehension],
        inlinable: bool,
        elements: &[&'a Expr],
    ) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let in_class = self.scope().kind == ScopeKind::Class;
        self.push(ScopeKind::Comprehension, node, None);
        self.scope().inlined = inlinable && !in_class;
        self.scope().is_generator = !inlinable;
        if !(inlinable && !in_class) {
            self.name_in(self.current, ".0", |u| {
                u.bound = true;
                u.param = true;
            });
        }
        for (i, g) in generators.iter().enumerate() {
            if i > 0 {
                self.visit_expr(&g.iter);
            }
            self.visit_expr(&g.target);
            g.ifs.iter().for_each(|e| self.visit_expr(e));
        }
        elements.iter().for_each(|e| self.visit_expr(e));
        self.pop();
    }

    /// A walrus inside comprehensions binds in the scope around them.
    fn named_target(&mut self, name: &str, range: TextRange) {
        let mut at = self.current;
        while self.symbols.scopes[at].kind == ScopeKind::Comprehension {
            if self.symbols.scopes[at].names.get(name).is_some_and(|u| u.bound) {
                self.fail(
                    format!("assignment expression cannot rebind comprehension iteration variable '{name}'"),
                    range,
                );
            }
            at = self.symbols.scopes[at].parent.unwrap_or(0);
        }
        if at == self.current {
            return self.bind(name);
        }
        if self.symbols.scopes[at].kind == ScopeKind::Class {
            self.fail("assignment expression within a comprehension cannot be used in a class body", range);
        }
        let module = self.symbols.scopes[at].kind == ScopeKind::Module;
        self.name_in(at, name, |u| u.bound = true);
        self.name_in(self.current, name, |u| {
            u.used = true;
            u.global = module;
            u.nonlocal = !module;
        });
    }

    fn declare(&mut self, names: &[ast::Identifier], what: &str, range: TextRange) {
        for n in names {
            let class = self.scope().class_name.clone();
            let before = self.scope().names.get(&mangle(class.as_deref(), n)).copied().unwrap_or_default();
            if before.param {
                self.fail(format!("name '{n}' is parameter and {what}"), range);
            } else if before.bound {
                self.fail(format!("name '{n}' is assigned to before {what} declaration"), range);
            } else if before.used {
                self.fail(format!("name '{n}' is used prior to {what} declaration"), range);
            }
            if what == "nonlocal" && self.scope().kind == ScopeKind::Module {
                self.fail("nonlocal declaration not allowed at module level", range);
            }
            let global = what == "global";
            self.name_in(self.current, n, |u| {
                u.global |= global;
                u.nonlocal |= !global;
            });
        }
    }

    fn yields(&mut self, range: TextRange, what: &str) {
        let kind = self.scope().kind;
        match kind {
            ScopeKind::Function => self.scope().is_generator = true,
            ScopeKind::Comprehension => self.fail(format!("{what} inside comprehension"), range),
            _ => self.fail(format!("{what} outside function"), range),
        }
    }

    /// `self.x = …` in a method: remember x for the class's instance layout.
    fn static_attribute(&mut self, a: &ast::ExprAttribute) {
        let Expr::Name(base) = &*a.value else { return };
        let scope = &self.symbols.scopes[self.current];
        if scope.first_param.as_deref() != Some(base.id.as_str()) {
            return;
        }
        if let Some(parent) = scope.parent
            && self.symbols.scopes[parent].kind == ScopeKind::Class
        {
            let class = self.symbols.scopes[parent].class_name.clone();
            self.symbols.scopes[parent].static_attributes.insert(mangle(class.as_deref(), &a.attr));
        }
    }

    fn function_def(&mut self, f: &ast::StmtFunctionDef) {
        f.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
        self.defaults(&f.parameters);
        self.bind(&f.name);
        let id = self.function(address(f), Some(&f.parameters), |b| b.visit_body(&f.body));
        self.symbols.scopes[id].is_coroutine = f.is_async;
    }

    fn class_def(&mut self, c: &ast::StmtClassDef) {
        c.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
        if let Some(args) = &c.arguments {
            args.args.iter().for_each(|e| self.visit_expr(e));
            args.keywords.iter().for_each(|k| self.visit_expr(&k.value));
        }
        self.bind(&c.name);
        self.push(ScopeKind::Class, address(c), Some(c.name.to_string()));
        self.visit_body(&c.body);
        self.pop();
    }
}

impl<'a> Visitor<'a> for Builder<'_> {
    fn visit_stmt(&mut self, s: &'a Stmt) {
        match s {
            Stmt::FunctionDef(f) => self.function_def(f),
            Stmt::ClassDef(c) => self.class_def(c),
            Stmt::Global(g) => self.declare(&g.names, "global", g.range),
            Stmt::Nonlocal(g) => self.declare(&g.names, "nonlocal", g.range),
            Stmt::Import(i) => {
                for a in &i.names {
                    let name = a.asname.as_ref().unwrap_or(&a.name);
                    let first = name.split('.').next().unwrap_or(name).to_string();
                    self.bind(&first);
                }
            }
            Stmt::ImportFrom(i) => {
                for a in &i.names {
                    if a.name.as_str() != "*" {
                        let name = a.asname.as_ref().unwrap_or(&a.name).to_string();
                        self.bind(&name);
                    } else if self.scope().kind != ScopeKind::Module {
                        self.fail("import * only allowed at module level", i.range);
                    }
                }
            }
            Stmt::AnnAssign(a) => {
                if let Some(v) = &a.value {
                    self.visit_expr(v);
                }
                self.visit_expr(&a.target);
            }
            Stmt::Try(t) => {
                for h in &t.handlers {
                    let ast::ExceptHandler::ExceptHandler(h) = h;
                    if let Some(name) = &h.name {
                        self.bind(name);
                        let class = self.scope().class_name.clone();
                        let name = mangle(class.as_deref(), name);
                        self.scope().deleted.insert(name);
                    }
                }
                visitor::walk_stmt(self, s);
            }
            _ => visitor::walk_stmt(self, s),
        }
    }

    fn visit_expr(&mut self, e: &'a Expr) {
        match e {
            Expr::Name(n) => {
                let name = n.id.as_str();
                match n.ctx {
                    ExprContext::Load => self.name_in(self.current, name, |u| u.used = true),
                    ExprContext::Del => {
                        self.bind(name);
                        let class = self.scope().class_name.clone();
                        let name = mangle(class.as_deref(), name);
                        self.scope().deleted.insert(name);
                    }
                    _ => self.bind(name),
                }
                if name == "super" && n.ctx == ExprContext::Load && self.scope().kind != ScopeKind::Module {
                    self.name_in(self.current, "__class__", |u| u.used = true);
                }
            }
            Expr::Lambda(l) => {
                if let Some(p) = l.parameters.as_deref() {
                    self.defaults(p);
                }
                self.function(address(l), l.parameters.as_deref(), |b| b.visit_expr(&l.body));
            }
            Expr::ListComp(c) => self.comprehension(address(c), &c.generators, true, &[&c.elt]),
            Expr::SetComp(c) => self.comprehension(address(c), &c.generators, true, &[&c.elt]),
            Expr::Generator(c) => self.comprehension(address(c), &c.generators, false, &[&c.elt]),
            Expr::DictComp(c) => match &c.key {
                Some(k) => self.comprehension(address(c), &c.generators, true, &[k, &c.value]),
                None => self.fail("dict unpacking cannot be used in dict comprehension", c.range),
            },
            Expr::Named(n) => {
                self.visit_expr(&n.value);
                if let Expr::Name(t) = &*n.target {
                    self.named_target(t.id.as_str(), n.range);
                }
            }
            Expr::Yield(y) => {
                self.yields(y.range, "'yield'");
                visitor::walk_expr(self, e);
            }
            Expr::YieldFrom(y) => {
                self.yields(y.range, "'yield from'");
                visitor::walk_expr(self, e);
            }
            Expr::Attribute(a) => {
                if a.ctx == ExprContext::Store {
                    self.static_attribute(a);
                }
                visitor::walk_expr(self, e);
            }
            _ => visitor::walk_expr(self, e),
        }
    }

    fn visit_annotation(&mut self, _e: &'a Expr) {}
}

/// Decides the meaning of every name of scope `id` and those inside; `visible` are names of enclosing functions.
/// Gives an error text for an unbound nonlocal.
fn resolve(scopes: &mut [Scope], id: ScopeId, visible: &BTreeSet<String>) -> Result<(), String> {
    let names: Vec<(String, Use)> = scopes[id].names.iter().map(|(n, u)| (n.clone(), *u)).collect();
    let kind = scopes[id].kind;
    let own: BTreeSet<String> =
        names.iter().filter(|(_, u)| u.bound && !u.global && !u.nonlocal).map(|(n, _)| n.clone()).collect();
    let mut below = visible.clone();
    if matches!(kind, ScopeKind::Function | ScopeKind::Comprehension) {
        for (n, u) in &names {
            if u.global {
                below.remove(n);
            }
        }
        below.extend(own.iter().cloned());
    }
    if kind == ScopeKind::Class {
        below.insert("__class__".into());
    }
    let mut wanted = BTreeSet::new();
    for child in scopes[id].children.clone() {
        resolve(scopes, child, &below)?;
        let child_scope = &scopes[child];
        let inlined = child_scope.inlined;
        for name in child_scope.free.clone() {
            // What an inlined comprehension uses of its function needs no cell.
            if !(inlined && own.contains(&name)) {
                wanted.insert(name);
            } 
        }
        if inlined {
            // Its globals are the surrounding scope's, found by name there.
            let implicit: Vec<String> = child_scope.names.iter().filter(|(n, _)| !child_scope.meanings.get(*n).is_some_and(|m| matches!(m, Meaning::Local | Meaning::Cell))).map(|(n, _)| n.clone()).collect();
            for n in implicit {
                let scope = &mut scopes[id];
                if !scope.names.contains_key(&n) {
                    scope.names.insert(n.clone(), Use { used: true, ..Use::default() });
                    scope.order.push(n);
                }
            }
        }
    }
    let names: Vec<(String, Use)> = scopes[id].names.iter().map(|(n, u)| (n.clone(), *u)).collect();
    let function = matches!(kind, ScopeKind::Function | ScopeKind::Comprehension);
    for (name, u) in &names {
        let meaning = if u.global {
            Meaning::GlobalExplicit
        } else if u.nonlocal {
            if !visible.contains(name) {
                return Err(format!("no binding for nonlocal '{name}' found"));
            }
            Meaning::Free
        } else if u.bound {
            // A child inlined here may reach our local through a nested function of its own.
            if function && wanted.contains(name) { Meaning::Cell } else { Meaning::Local }
        } else if visible.contains(name) {
            Meaning::Free
        } else {
            Meaning::GlobalImplicit
        };
        if meaning == Meaning::Free {
            scopes[id].free.insert(name.clone());
        }
        scopes[id].meanings.insert(name.clone(), meaning);
    }
    for name in wanted {
        let mine = scopes[id].meanings.get(&name).copied();
        if kind == ScopeKind::Class && name == "__class__" {
            scopes[id].needs_class_cell = true;
        } else if !(function && matches!(mine, Some(Meaning::Cell | Meaning::Local))) {
            scopes[id].free.insert(name.clone());
            if mine.is_none() {
                scopes[id].meanings.insert(name.clone(), Meaning::Free);
            }
        }
    }
    Ok(())
}
