//! Statements, except compound ones with files of their own.

use super::call::text;
use super::cond::truth;
use super::emit::Label;
use super::{Dest, Gen, Opd, Res};
use crate::Mode;
use hognose_bytecode::{Const, Op};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

const FEATURES: [&str; 10] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

impl<'a> Gen<'a> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) -> Res {
        let mut future = self.outer.is_empty() && self.u.blocks.is_empty() && self.scope().parent.is_none();
        for s in body {
            let is_future = matches!(s, Stmt::ImportFrom(i)
                if i.level == 0 && i.module.as_ref().is_some_and(|m| m.as_str() == "__future__"));
            if is_future && !future {
                return self
                    .fail("from __future__ imports must occur at the beginning of the file", s.range());
            }
            let docstring = matches!(s, Stmt::Expr(e) if e.value.is_string_literal_expr());
            future &= is_future || docstring;
            self.stmt(s)?;
            self.check_size()?;
        }
        Ok(())
    }

    fn stmt(&mut self, s: &'a Stmt) -> Res {
        self.mark(s);
        match s {
            Stmt::Expr(e) => self.expr_stmt(e),
            Stmt::Assign(a) => self.assign(a),
            Stmt::AugAssign(a) => self.aug_assign(a),
            Stmt::AnnAssign(a) => self.ann_assign(a),
            Stmt::Return(r) => self.return_stmt(r),
            Stmt::If(i) => self.if_stmt(i),
            Stmt::For(f) => self.for_stmt(f),
            Stmt::While(w) => self.while_stmt(w),
            Stmt::Break(b) => self.leave_loop(true, b.range),
            Stmt::Continue(c) => self.leave_loop(false, c.range),
            Stmt::FunctionDef(f) => self.function_def(f),
            Stmt::ClassDef(c) => self.class_def(c),
            Stmt::Try(t) => self.try_stmt(t),
            Stmt::With(w) => self.with_stmt(w),
            Stmt::Raise(r) => self.raise(r),
            Stmt::Assert(a) => self.assert(a),
            Stmt::Delete(d) => d.targets.iter().try_for_each(|t| self.delete(t)),
            Stmt::Import(i) => self.import(i),
            Stmt::ImportFrom(i) => self.import_from(i),
            Stmt::Match(m) => self.match_stmt(m),
            Stmt::TypeAlias(t) => self.type_alias(t),
            Stmt::Pass(_) => {
                self.u.emit(Op::Nop, 0, 0, 0);
                Ok(())
            }
            Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::IpyEscapeCommand(c) => self.fail("invalid syntax", c.range),
        }
    }

    /// Evaluates and drops.
    pub(super) fn discard(&mut self, e: &'a Expr) -> Res {
        let v = self.operand(e, &[])?;
        if v.temp {
            self.at(e.range(), Self::release_top);
        }
        Ok(())
    }

    fn expr_stmt(&mut self, e: &'a ast::StmtExpr) -> Res {
        if self.options.mode == Mode::Single && self.outer.is_empty() {
            let v = self.operand(&e.value, &[])?;
            self.u.range = e.range;
            self.u.emit(Op::PrintExpr, v.reg, 0, 0);
            self.u.drop_temps(u16::from(v.temp));
            return Ok(());
        }
        if self.fold(&e.value).is_some() {
            self.u.emit(Op::Nop, 0, 0, 0);
            return Ok(());
        }
        self.discard(&e.value)
    }

    fn if_stmt(&mut self, i: &'a ast::StmtIf) -> Res {
        let end = self.u.label();
        self.if_part(Some(&i.test), &i.body, end, i.elif_else_clauses.is_empty())?;
        let last = i.elif_else_clauses.len();
        for (n, clause) in i.elif_else_clauses.iter().enumerate() {
            self.if_part(clause.test.as_ref(), &clause.body, end, n + 1 == last)?;
        }
        self.u.bind(end);
        Ok(())
    }

    fn if_part(&mut self, test: Option<&'a Expr>, body: &'a [Stmt], end: Label, last: bool) -> Res {
        let next = self.u.label();
        if let Some(t) = test {
            match self.fold(t) {
                Some(c) if truth(&c) => {}
                _ => self.cond(t, next, false)?,
            }
        }
        self.body(body)?;
        if !last {
            self.u.goto(end);
        }
        self.u.bind(next);
        Ok(())
    }

    fn raise(&mut self, r: &'a ast::StmtRaise) -> Res {
        let from = self.u.depth;
        for e in r.exc.iter().chain(&r.cause) {
            self.push(e)?;
        }
        self.u.range = r.range;
        let (base, count) = (self.u.temp(from), self.u.depth - from);
        // Without operands the base is not read.
        self.u.grow(1);
        self.u.drop_temps(1);
        self.u.emit(Op::Raise, base, count, 0);
        self.u.depth = from;
        Ok(())
    }

    fn assert(&mut self, a: &'a ast::StmtAssert) -> Res {
        if self.options.optimize > 0 {
            return Ok(());
        }
        let ok = self.u.label();
        self.cond(&a.test, ok, true)?;
        let from = self.u.depth;
        self.u.range = a.test.range();
        let t = self.u.next_temp();
        self.u.emit(Op::LoadCommonConstant, t, 0, 0);
        self.u.push();
        if let Some(m) = &a.msg {
            self.push_null();
            self.push(m)?;
            self.u.range = a.range;
            self.u.emit(Op::Call, t, 1, 0);
            self.u.depth = from + 1;
            self.u.range = a.test.range();
        }
        self.u.emit(Op::Raise, t, 1, 0);
        self.u.depth = from;
        self.u.bind(ok);
        Ok(())
    }

    fn import(&mut self, i: &'a ast::StmtImport) -> Res {
        for a in &i.names {
            let from = self.u.depth;
            self.load_const(&Const::Int(0), Dest::Push);
            self.push_none();
            let name = self.u.name(&a.name);
            let t = self.u.temp(from);
            self.u.emit(Op::ImportName, t, t, name);
            self.u.drop_temps(1);
            let (top, rest) = a.name.split_once('.').map_or((&*a.name, None), |(t, r)| (t, Some(r)));
            match &a.asname {
                Some(alias) => {
                    for part in rest.iter().flat_map(|r| r.split('.')) {
                        let n = self.u.name(part);
                        let next = self.u.next_temp();
                        self.u.emit(Op::ImportFrom, next, t, n);
                        self.u.push();
                        self.u.emit(Op::SwapTemps, t, next, 0);
                        self.release_top();
                    }
                    self.check_assignable(alias, alias.range)?;
                    self.store_top(alias)?;
                }
                None => {
                    self.check_assignable(top, a.range)?;
                    self.store_top(top)?;
                }
            }
        }
        Ok(())
    }

    fn import_from(&mut self, i: &'a ast::StmtImportFrom) -> Res {
        let module = i.module.as_ref().map_or("", |m| m.as_str());
        if module == "__future__" && i.level == 0 {
            self.check_future(i)?;
        }
        let from = self.u.depth;
        self.load_const(&Const::Int(i64::from(i.level)), Dest::Push);
        let names = i.names.iter().map(|a| text(&a.name)).collect();
        self.load_const(&Const::Tuple(names), Dest::Push);
        let name = self.u.name(module);
        let t = self.u.temp(from);
        self.u.emit(Op::ImportName, t, t, name);
        self.u.drop_temps(1);
        if let [a] = &i.names[..]
            && a.name.as_str() == "*"
        {
            self.u.emit(Op::ImportStar, t, 0, 0);
            self.u.drop_temps(1);
            return Ok(());
        }
        for a in &i.names {
            let n = self.u.name(&a.name);
            let next = self.u.next_temp();
            self.u.emit(Op::ImportFrom, next, t, n);
            self.u.push();
            let alias = a.asname.as_ref().unwrap_or(&a.name);
            self.check_assignable(alias, alias.range)?;
            self.store_top(alias)?;
        }
        self.release_top();
        Ok(())
    }

    fn check_future(&mut self, i: &ast::StmtImportFrom) -> Res {
        for a in &i.names {
            let name = a.name.as_str();
            if name == "braces" {
                return self.fail("not a chance", a.range);
            }
            if !FEATURES.contains(&name) {
                return self.fail(format!("future feature {name} is not defined"), a.range);
            }
        }
        Ok(())
    }

    /// `__debug__` may not be bound.
    pub(super) fn check_assignable(&self, name: &str, range: TextRange) -> Res {
        if name == "__debug__" {
            return self.fail("cannot assign to __debug__", range);
        }
        Ok(())
    }

    /// The topmost temporary as an operand.
    pub(super) fn top_operand(&self) -> Opd {
        Opd { reg: self.u.top(), temp: true }
    }
}
