//! The visitor of statements and expressions, and what may not stand in comprehensions and annotations.
//!
//! Invariant: annotations are only reached through the scopes made for them, never by the generic walk.

use super::Builder;
use crate::symtable::{ScopeKind, address};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};

/// A yield in the parts of a comprehension that run inside it.
pub(super) fn find_yield(e: &Expr) -> Option<TextRange> {
    struct Find(Option<TextRange>);
    impl<'a> Visitor<'a> for Find {
        fn visit_expr(&mut self, e: &'a Expr) {
            match e {
                Expr::Yield(y) => self.0 = self.0.or(Some(y.range)),
                Expr::YieldFrom(y) => self.0 = self.0.or(Some(y.range)),
                Expr::Lambda(_) => {}
                _ => visitor::walk_expr(self, e),
            }
        }
    }
    let mut f = Find(None);
    f.visit_expr(e);
    f.0
}

/// Visits an annotation that is never evaluated: only its forbidden parts matter.
pub(super) struct BannedOnly<'b, 's>(pub(super) &'b mut Builder<'s>);
impl<'a> Visitor<'a> for BannedOnly<'_, '_> {
    fn visit_expr(&mut self, e: &'a Expr) {
        let what = match e {
            Expr::Yield(_) | Expr::YieldFrom(_) => "yield",
            Expr::Await(_) => "await",
            Expr::Named(_) => "named",
            _ => return visitor::walk_expr(self, e),
        };
        self.0.fail(format!("{what} expression cannot be used within an annotation"), e.range());
    }
}

impl<'a> Visitor<'a> for Builder<'_> {
    fn visit_stmt(&mut self, s: &'a Stmt) {
        match s {
            Stmt::FunctionDef(f) => self.function_def(f),
            Stmt::ClassDef(c) => self.class_def(c),
            Stmt::TypeAlias(t) => self.type_alias(t),
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
                        self.fail("import * only allowed at module level", a.range);
                    }
                }
            }
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::Try(t) => {
                for h in &t.handlers {
                    let ast::ExceptHandler::ExceptHandler(h) = h;
                    h.name.iter().for_each(|n| self.delete(n));
                }
                self.conditional(s);
            }
            Stmt::If(_) | Stmt::For(_) | Stmt::While(_) | Stmt::With(_) | Stmt::Match(_) => {
                self.conditional(s)
            }
            _ => visitor::walk_stmt(self, s),
        }
    }

    fn visit_pattern(&mut self, p: &'a ast::Pattern) {
        visitor::walk_pattern(self, p);
        self.pattern_names(p);
    }

    fn visit_expr(&mut self, e: &'a Expr) {
        match e {
            Expr::Name(n) => {
                let name = n.id.as_str();
                match n.ctx {
                    ExprContext::Load => self.name_in(self.current, name, |u| u.used = true),
                    ExprContext::Del => self.delete(name),
                    _ => self.bind(name),
                }
                if name == "super" && n.ctx == ExprContext::Load && self.scope().kind.is_function() {
                    self.name_in(self.current, "__class__", |u| u.used = true);
                }
            }
            Expr::Lambda(l) => {
                l.parameters.iter().for_each(|p| self.defaults(p));
                self.function(address(l), l.parameters.as_deref(), |b| b.visit_expr(&l.body));
            }
            Expr::ListComp(c) => {
                self.check_yield("list comprehension", &c.generators, &[&c.elt]);
                self.comprehension(address(c), &c.generators, true, &[&c.elt]);
            }
            Expr::SetComp(c) => {
                self.check_yield("set comprehension", &c.generators, &[&c.elt]);
                self.comprehension(address(c), &c.generators, true, &[&c.elt]);
            }
            Expr::Generator(c) => {
                self.check_yield("generator expression", &c.generators, &[&c.elt]);
                self.comprehension(address(c), &c.generators, false, &[&c.elt]);
            }
            Expr::DictComp(c) => match &c.key {
                Some(k) => {
                    self.check_yield("dict comprehension", &c.generators, &[k, &c.value]);
                    self.comprehension(address(c), &c.generators, true, &[k, &c.value]);
                }
                None => self.fail("dict unpacking cannot be used in dict comprehension", c.range),
            },
            Expr::Named(n) => {
                if let Some(ban) = self.ban {
                    self.fail(format!("named expression cannot be used within {ban}"), n.range);
                }
                self.visit_expr(&n.value);
                if let Expr::Name(t) = &*n.target {
                    self.named_target(t);
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
            Expr::Await(a) => {
                if let Some(ban) = self.ban {
                    self.fail(format!("await expression cannot be used within {ban}"), a.range);
                }
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

impl Builder<'_> {
    fn check_yield(&mut self, what: &str, generators: &[ast::Comprehension], elts: &[&Expr]) {
        let later = generators.iter().enumerate();
        let parts = later.flat_map(|(i, g)| g.ifs.iter().chain((i > 0).then_some(&g.iter)));
        let all: Vec<&Expr> = elts.iter().copied().chain(parts).collect();
        for e in all {
            if find_yield(e).is_some() {
                self.element_error(what, e, e.range());
            }
        }
    }
}
