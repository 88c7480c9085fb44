//! Lazy annotations (PEP 649): `__annotate__` functions of functions, classes and modules.
//!
//! Conditional annotations have numbers; the statement that runs adds its number to `__conditional_annotations__`.

use super::call::text;
use super::{Dest, Gen, Res, unparse};
use crate::symtable::{Part, ScopeId, ScopeKind};
use hognose_bytecode::{Code, Const, Op};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::rc::Rc;

/// An annotation of a class or module variable; conditional ones have a number.
struct Variable<'a> {
    stmt: &'a ast::StmtAnnAssign,
    name: &'a str,
    number: Option<u32>,
}

/// Collects them in source order.
struct Collect<'a> {
    found: Vec<Variable<'a>>,
    conditional: bool,
    next: u32,
}

impl<'a> Visitor<'a> for Collect<'a> {
    fn visit_stmt(&mut self, s: &'a Stmt) {
        match s {
            Stmt::AnnAssign(a) => {
                if let (Expr::Name(n), true) = (&*a.target, a.simple) {
                    let number = self.conditional.then_some(self.next);
                    self.next += u32::from(self.conditional);
                    self.found.push(Variable { stmt: a, name: &n.id, number });
                }
            }
            Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::With(_) | Stmt::Match(_) | Stmt::Try(_) => {
                let outer = std::mem::replace(&mut self.conditional, true);
                visitor::walk_stmt(self, s);
                self.conditional = outer;
            }
            _ => {}
        }
    }
    fn visit_expr(&mut self, _: &'a Expr) {}
}

impl<'a> Gen<'a> {
    /// `if format > 2: raise NotImplementedError`, at the start of annotate functions and evaluators.
    pub(super) fn format_check(&mut self) {
        self.u.code.argcount = 1;
        self.u.code.posonlyargcount = 1;
        let ok = self.u.label();
        self.u.jump(Op::JGtIF, 0, 2, ok, 0);
        let t = self.u.next_temp();
        self.u.emit(Op::LoadCommonConstant, t, 1, 0);
        self.u.push();
        self.u.emit(Op::Raise, t, 1, 0);
        self.u.drop_temps(1);
        self.u.bind(ok);
    }

    /// Pushes the value of an annotation, as text under the future import.
    fn annotation_value(&mut self, e: &'a Expr) -> Res {
        if self.symbols.future_annotations {
            let s = unparse::expression(self.source, e);
            self.load_const(&text(&s), Dest::Push);
            return Ok(());
        }
        if let Expr::Starred(s) = e {
            self.push(&s.value)?;
            let t = self.u.top();
            self.at(e.range(), |g| g.u.emit(Op::UnpackSequence, t, t, 1));
            return Ok(());
        }
        self.push(e)
    }

    /// Adds `name: annotation` to the dict in temporary 0.
    fn annotation_item(&mut self, name: &str, e: &'a Expr) -> Res {
        let name = self.mangled(name);
        self.load_const(&text(&name), Dest::Push);
        self.annotation_value(e)?;
        let (dict, key, value) = (self.u.temp(0), self.u.temp(1), self.u.temp(2));
        self.u.emit(Op::MapAdd, dict, key, value);
        self.u.drop_temps(2);
        Ok(())
    }

    fn return_dict(&mut self) {
        if let Some(name) = self.u.code.varnames.first_mut() {
            *name = "format".into();
        }
        let t = self.u.temp(0);
        self.u.emit(Op::Return, t, 0, 0);
    }

    /// Pushes the annotate function of a function.
    pub(super) fn function_annotations(&mut self, f: &'a ast::StmtFunctionDef) -> Res {
        let scope = self.scope_of(f, Part::Annotate)?;
        let from = self.u.depth;
        let whole = self.without_decorators(&f.decorator_list, f.range);
        let code = self.function_code(scope, "__annotate__", whole, |g| {
            g.format_check();
            g.build(Op::BuildMap, 0, 0);
            for p in f.parameters.iter_source_order() {
                if let Some(e) = p.annotation() {
                    g.annotation_item(p.name(), e)?;
                }
            }
            if let Some(e) = f.returns.as_deref() {
                g.annotation_item("return", e)?;
            }
            g.return_dict();
            Ok(())
        })?;
        self.make_function(&code, scope, 0, from);
        Ok(())
    }

    fn variables(&mut self, body: &'a [Stmt]) -> Vec<Variable<'a>> {
        let module = self.scope().kind == ScopeKind::Module;
        let mut c = Collect { found: Vec::new(), conditional: module, next: 0 };
        c.visit_body(body);
        for v in &c.found {
            if let Some(n) = v.number {
                self.u.annotation_ids.insert(std::ptr::from_ref(v.stmt) as usize, n);
            }
        }
        c.found
    }

    fn variables_code(&mut self, scope: ScopeId, vars: &[Variable<'a>], range: TextRange) -> Res<Rc<Code>> {
        let at = self.u.range;
        self.function_code(scope, "__annotate__", range, |g| {
            g.u.range = at;
            g.format_check();
            g.build(Op::BuildMap, 0, 0);
            for v in vars {
                let skip = g.u.label();
                if let Some(n) = v.number {
                    g.load_const(&Const::Int(i64::from(n)), Dest::Push);
                    g.load_mangled("__conditional_annotations__", Dest::Push);
                    let (a, b) = (g.u.temp(1), g.u.temp(2));
                    g.u.emit(Op::In, a, a, b);
                    g.u.drop_temps(1);
                    g.branch(super::Opd { reg: a, temp: true }, skip, false);
                }
                g.annotation_item(v.name, &v.stmt.annotation)?;
                g.u.bind(skip);
            }
            g.return_dict();
            Ok(())
        })
    }

    /// At the start of a module: `__annotate__` and the set of annotations that ran.
    pub(super) fn module_annotations(&mut self, body: &'a [Stmt]) -> Res {
        let vars = self.variables(body);
        if vars.is_empty() {
            return Ok(());
        }
        self.u.range = body.first().map_or(self.u.range, Ranged::range);
        if self.symbols.future_annotations {
            self.u.emit(Op::SetupAnnotations, 0, 0, 0);
            return Ok(());
        }
        let Some(scope) = self.symbols.module_annotations() else { return Ok(()) };
        let code = self.variables_code(scope, &vars, self.u.range)?;
        let from = self.u.depth;
        self.make_function(&code, scope, 0, from);
        self.store_top("__annotate__")?;
        self.build(Op::BuildSet, from, 0);
        self.store_top("__conditional_annotations__")
    }

    /// At the start of a class body.
    pub(super) fn class_annotations_begin(&mut self) -> Res {
        if self.scope().conditional_annotations && !self.symbols.future_annotations {
            let cell = self.u.locals.get("__conditional_annotations__").copied().unwrap_or_default();
            let from = self.u.depth;
            self.build(Op::BuildSet, from, 0);
            let t = self.u.top();
            self.u.emit(Op::StoreDeref, cell, t, 0);
            self.u.drop_temps(1);
        }
        Ok(())
    }

    /// Numbers the annotations of a class body; gives whether there are any.
    pub(super) fn number_annotations(&mut self, body: &'a [Stmt]) -> bool {
        !self.variables(body).is_empty()
    }

    /// At the end of a class body: `__annotate_func__`.
    pub(super) fn class_annotations_end(&mut self, c: &'a ast::StmtClassDef, whole: TextRange) -> Res {
        let vars = self.variables(&c.body);
        let Some(scope) = self.symbols.scope_of(c, Part::Annotate) else { return Ok(()) };
        let code = self.variables_code(scope, &vars, whole)?;
        let from = self.u.depth;
        self.make_function(&code, scope, 0, from);
        self.store_top("__annotate_func__")
    }

    /// A statement `target: annotation = value`.
    pub(super) fn ann_assign(&mut self, a: &'a ast::StmtAnnAssign) -> Res {
        if let Some(v) = &a.value {
            self.assign_one(&a.target, v)?;
        }
        self.u.range = a.range;
        match &*a.target {
            Expr::Name(n) => {
                self.check_assignable(&n.id, n.range)?;
                if a.simple && !self.scope().kind.is_function() {
                    self.annotation_ran(a, &n.id)?;
                }
            }
            Expr::Attribute(t) => {
                self.check_assignable(&t.attr, t.range)?;
                if a.value.is_none() {
                    self.discard(&t.value)?;
                }
            }
            Expr::Subscript(t) if a.value.is_none() => {
                self.discard(&t.value)?;
                self.discard(&t.slice)?;
            }
            Expr::Subscript(_) => {}
            other => return self.fail("illegal target for annotation", other.range()),
        }
        Ok(())
    }

    fn annotation_ran(&mut self, a: &'a ast::StmtAnnAssign, name: &str) -> Res {
        if self.symbols.future_annotations {
            // __annotations__[name] = 'text'
            let s = unparse::expression(self.source, &a.annotation);
            self.load_const(&text(&s), Dest::Push);
            self.load_mangled("__annotations__", Dest::Push);
            let name = self.mangled(name);
            self.load_const(&text(&name), Dest::Push);
            let (v, d, k) =
                (self.u.temp(self.u.depth - 3), self.u.temp(self.u.depth - 2), self.u.temp(self.u.depth - 1));
            self.u.emit(Op::SetItem, d, k, v);
            self.u.drop_temps(3);
            return Ok(());
        }
        let Some(&n) = self.u.annotation_ids.get(&(std::ptr::from_ref(a) as usize)) else { return Ok(()) };
        let set = "__conditional_annotations__";
        match self.u.locals.get(set).copied() {
            Some(cell) => {
                let (t, name) = (self.u.next_temp(), self.u.name(set));
                self.u.emit(Op::LoadDeref, t, cell, name);
                self.u.push();
            }
            None => self.load_mangled(set, Dest::Push),
        }
        self.load_const(&Const::Int(i64::from(n)), Dest::Push);
        let (s, t) = (self.u.temp(self.u.depth - 2), self.u.top());
        self.u.emit(Op::SetAdd, s, t, 0);
        self.u.drop_temps(1);
        self.release_top();
        Ok(())
    }
}
