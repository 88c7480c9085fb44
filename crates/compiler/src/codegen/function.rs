//! Functions, lambdas, type parameters and type aliases.
//!
//! `MakeFunction` consumes, from the temporary that gets the function on: defaults, keyword defaults, annotate function,
//! closure. Generic functions are made inside a function that holds their type parameters and is called at once.

use super::call::text;
use super::{Dest, Gen, Res};
use crate::symtable::{Part, ScopeId};
use hognose_bytecode::{Code, CodeFlags, Const, Intrinsic1, Intrinsic2, Op};
use ruff_python_ast::{self as ast, Expr, Stmt, TypeParam};
use ruff_text_size::{Ranged, TextRange};
use std::rc::Rc;

/// `MakeFunction` flags.
pub(super) const DEFAULTS: u16 = 1;
const KW_DEFAULTS: u16 = 2;
const ANNOTATE: u16 = 4;
const CLOSURE: u16 = 8;

impl<'a> Gen<'a> {
    /// Pushes default values; gives their flags.
    fn push_defaults(&mut self, p: &'a ast::Parameters) -> Res<u16> {
        let mut flags = 0;
        let positional = p.posonlyargs.iter().chain(&p.args).filter_map(|p| p.default.as_deref());
        let positional: Vec<&'a Expr> = positional.collect();
        if !positional.is_empty() {
            flags |= DEFAULTS;
            match positional.iter().map(|e| self.fold(e)).collect::<Option<Vec<_>>>() {
                Some(c) => self.load_const(&Const::Tuple(c), Dest::Push),
                None => {
                    let from = self.u.depth;
                    positional.iter().try_for_each(|e| self.push(e))?;
                    self.build(Op::BuildTuple, from, positional.len() as u16);
                }
            }
        }
        let keyword = p.kwonlyargs.iter().filter_map(|p| Some((p, p.default.as_deref()?)));
        let keyword: Vec<_> = keyword.collect();
        if !keyword.is_empty() {
            flags |= KW_DEFAULTS;
            let from = self.u.depth;
            for (p, default) in &keyword {
                let name = self.mangled(&p.parameter.name);
                self.load_const(&text(&name), Dest::Push);
                self.push(default)?;
            }
            self.build(Op::BuildMap, from, keyword.len() as u16);
        }
        Ok(flags)
    }

    /// Makes a function of `code` from the temporaries `from..`, leaving it there.
    pub(super) fn make_function(&mut self, code: &Rc<Code>, scope: ScopeId, mut flags: u16, from: u16) {
        let free = self.symbols.scopes[scope].free.clone();
        if !free.is_empty() {
            flags |= CLOSURE;
            let at = self.u.depth;
            for name in &free {
                let cell = self.cell_register(name).unwrap_or_default();
                let t = self.u.next_temp();
                self.u.emit(Op::Copy, t, cell, 0);
                self.u.push();
            }
            self.build(Op::BuildTuple, at, free.len() as u16);
        }
        let c = self.u.constant(Const::Code(Rc::clone(code)));
        let t = self.u.temp(from);
        self.u.emit_wide(Op::MakeFunction, t, c);
        self.u.emit(Op::Ext, flags, 0, 0);
        self.u.drop_temps(self.u.depth - from);
        self.u.push();
    }

    /// Sets the parameter counts of the current unit.
    fn signature(&mut self, p: &ast::Parameters) -> Res {
        for any in p {
            self.check_assignable(any.name(), any.name().range)?;
        }
        let c = &mut self.u.code;
        c.posonlyargcount = p.posonlyargs.len().min(0xffff) as u16;
        c.argcount = (p.posonlyargs.len() + p.args.len()).min(0xffff) as u16;
        c.kwonlyargcount = p.kwonlyargs.len().min(0xffff) as u16;
        c.flags.0 |= if p.vararg.is_some() { CodeFlags::VARARGS } else { 0 };
        c.flags.0 |= if p.kwarg.is_some() { CodeFlags::VARKEYWORDS } else { 0 };
        Ok(())
    }

    /// The code of a function; `body` compiles what is in it.
    pub(super) fn function_code(
        &mut self,
        scope: ScopeId,
        name: &str,
        range: TextRange,
        body: impl FnOnce(&mut Self) -> Res,
    ) -> Res<Rc<Code>> {
        self.enter(scope, name, range);
        let s = self.scope();
        let kind = match (s.is_coroutine, s.is_generator) {
            (true, true) => CodeFlags::ASYNC_GENERATOR,
            (true, false) => CodeFlags::COROUTINE,
            (false, true) => CodeFlags::GENERATOR,
            (false, false) => 0,
        };
        self.u.code.flags.0 |= kind;
        if kind == 0 {
            self.prologue();
            body(self)?;
            return self.leave();
        }
        self.u.emit(Op::ReturnGenerator, 0, 0, 0);
        self.prologue();
        let h = self.u.new_handler();
        self.u.handler = Some(h);
        body(self)?;
        self.u.handler = None;
        self.u.reachable = false;
        self.u.bind_handler(h);
        let t = self.u.top();
        self.u.emit(Op::Intrinsic1, t, t, Intrinsic1::StopIterationError as u16);
        self.u.emit(Op::Reraise, t, 0, 0);
        self.leave()
    }

    pub(super) fn lambda(&mut self, l: &'a ast::ExprLambda) -> Res {
        let from = self.u.depth;
        let parameters = l.parameters.as_deref();
        let flags = parameters.map_or(Ok(0), |p| self.push_defaults(p))?;
        let scope = self.scope_of(l, Part::Body)?;
        let code = self.function_code(scope, "<lambda>", l.range, |g| {
            parameters.map_or(Ok(()), |p| g.signature(p))?;
            if g.scope().is_generator {
                // The value of the last yield is dropped.
                g.push(&l.body)?;
                g.release_top();
                g.end_body();
                return Ok(());
            }
            g.return_value(Some(&l.body))
        })?;
        self.make_function(&code, scope, flags, from);
        Ok(())
    }

    pub(super) fn function_def(&mut self, f: &'a ast::StmtFunctionDef) -> Res {
        self.check_assignable(&f.name, f.name.range)?;
        for d in &f.decorator_list {
            self.push(&d.expression)?;
            self.push_null();
        }
        let first = f.decorator_list.first().map_or(f.range, |d| TextRange::new(d.start(), f.range.end()));
        let whole = self.without_decorators(&f.decorator_list, f.range);
        self.u.range = whole;
        let from = self.u.depth;
        let flags = self.push_defaults(&f.parameters)?;
        match f.type_params.as_deref() {
            None => self.plain_function(f, flags, from, first)?,
            Some(t) => self.generic_function(f, t, flags, from, first)?,
        }
        self.decorate(&f.decorator_list);
        self.u.range = whole;
        self.store_top(&f.name)
    }

    /// Calls the decorators that wait below the topmost temporary.
    pub(super) fn decorate(&mut self, decorators: &[ast::Decorator]) {
        for d in decorators.iter().rev() {
            self.u.range = d.expression.range();
            let base = self.u.temp(self.u.depth - 3);
            self.u.emit(Op::Call, base, 1, 0);
            self.u.drop_temps(2);
        }
    }

    /// Makes the function from the defaults at `from..`.
    fn plain_function(
        &mut self,
        f: &'a ast::StmtFunctionDef,
        mut flags: u16,
        from: u16,
        first: TextRange,
    ) -> Res {
        if self.symbols.scope_of(f, Part::Annotate).is_some() {
            self.function_annotations(f)?;
            flags |= ANNOTATE;
        }
        let scope = self.scope_of(f, Part::Body)?;
        let code = self.function_code(scope, &f.name, first, |g| {
            g.signature(&f.parameters)?;
            let mut body = &f.body[..];
            if let Some((Stmt::Expr(e), rest)) = body.split_first()
                && let Expr::StringLiteral(s) = &*e.value
            {
                body = rest;
                if g.options.optimize < 2 {
                    let doc = g.docstring(s);
                    g.u.constant(doc);
                    g.u.code.flags.0 |= CodeFlags::HAS_DOCSTRING;
                }
            }
            g.body(body)?;
            g.end_body();
            Ok(())
        })?;
        self.make_function(&code, scope, flags, from);
        Ok(())
    }

    fn generic_function(
        &mut self,
        f: &'a ast::StmtFunctionDef,
        t: &'a ast::TypeParams,
        flags: u16,
        from: u16,
        first: TextRange,
    ) -> Res {
        // The defaults become arguments: [function, NULL, defaults …]
        let count = self.u.depth - from;
        let scope = self.scope_of(f, Part::TypeParams)?;
        let code = self.generic_scope(scope, &f.name, first, t, |g| {
            let at = g.u.depth;
            for (flag, name) in [(DEFAULTS, ".defaults"), (KW_DEFAULTS, ".kwdefaults")] {
                if flags & flag != 0 {
                    g.u.code.argcount += 1;
                    g.load_mangled(name, Dest::Push);
                }
            }
            g.plain_function(f, flags, at, first)?;
            let (params, function) = (g.u.temp(at - 1), g.u.temp(at));
            g.u.emit(Op::SwapTemps, params, function, 0);
            g.build(Op::Intrinsic2, at - 1, Intrinsic2::SetFunctionTypeParams as u16);
            Ok(())
        })?;
        self.call_generic(&code, scope, from, count);
        Ok(())
    }

    /// Calls the function of `code` with the `count` temporaries at `from..` as arguments.
    pub(super) fn call_generic(&mut self, code: &Rc<Code>, scope: ScopeId, from: u16, count: u16) {
        let at = self.u.depth;
        self.make_function(code, scope, 0, at);
        self.push_null();
        // [a, b, function, NULL] → [function, NULL, a, b]
        for i in 0..count {
            self.duplicate(from + i);
        }
        if count > 0 {
            let base = self.u.temp(at);
            self.u.emit(Op::Call, base, count, 0);
            self.u.drop_temps(count + 1);
            let (low, high) = (self.u.temp(from), self.u.temp(at));
            self.u.emit(Op::SwapTemps, low, high, 0);
            (0..count).for_each(|_| self.release_top());
        } else {
            let base = self.u.temp(at);
            self.u.emit(Op::Call, base, 0, 0);
            self.u.drop_temps(1);
        }
    }

    /// Pushes another reference to temporary number `i`.
    pub(super) fn duplicate(&mut self, i: u16) {
        let (t, from) = (self.u.next_temp(), self.u.temp(i));
        self.u.emit(Op::Copy, t, from, 0);
        self.u.push();
    }

    /// A function that makes type parameters, leaves their tuple in a temporary and returns what `inner` pushes.
    pub(super) fn generic_scope(
        &mut self,
        scope: ScopeId,
        name: &str,
        range: TextRange,
        t: &'a ast::TypeParams,
        inner: impl FnOnce(&mut Self) -> Res,
    ) -> Res<Rc<Code>> {
        self.function_code(scope, &format!("<generic parameters of {name}>"), range, |g| {
            g.type_params(t)?;
            inner(g)?;
            g.u.range = range;
            let top = g.u.top();
            g.u.emit(Op::Return, top, 0, 0);
            Ok(())
        })
    }

    /// Pushes the tuple of type parameters, binding each name.
    fn type_params(&mut self, t: &'a ast::TypeParams) -> Res {
        let from = self.u.depth;
        let mut seen_default = false;
        for p in &t.type_params {
            self.check_size()?;
            self.u.range = p.range();
            let name = p.name();
            self.check_assignable(name, p.range())?;
            self.load_const(&text(name), Dest::Push);
            let at = self.u.depth - 1;
            let top = self.u.top();
            let default = match p {
                TypeParam::TypeVar(v) => {
                    match v.bound.as_deref() {
                        None => self.u.emit(Op::Intrinsic1, top, top, Intrinsic1::TypeVar as u16),
                        Some(bound) => {
                            self.evaluator(p, Part::Bound, name, bound)?;
                            let tuple = bound.is_tuple_expr();
                            let plain = Intrinsic2::TypeVarWithBound;
                            let which = if tuple { Intrinsic2::TypeVarWithConstraints } else { plain };
                            self.build(Op::Intrinsic2, at, which as u16);
                        }
                    }
                    v.default.as_deref()
                }
                TypeParam::TypeVarTuple(v) => {
                    self.u.emit(Op::Intrinsic1, top, top, Intrinsic1::TypeVarTuple as u16);
                    v.default.as_deref()
                }
                TypeParam::ParamSpec(v) => {
                    self.u.emit(Op::Intrinsic1, top, top, Intrinsic1::ParamSpec as u16);
                    v.default.as_deref()
                }
            };
            if let Some(d) = default {
                seen_default = true;
                self.evaluator(p, Part::Default, name, d)?;
                self.build(Op::Intrinsic2, at, Intrinsic2::SetTypeParamDefault as u16);
            } else if seen_default {
                let message = format!("non-default type parameter '{name}' follows default type parameter");
                return self.fail(message, p.range());
            }
            self.duplicate(at);
            self.store_top(name)?;
        }
        self.u.range = t.range;
        self.build(Op::BuildTuple, from, t.type_params.len() as u16);
        Ok(())
    }

    /// Pushes a function `(format=1)` that gives the value of an annotation-like expression.
    pub(super) fn evaluator<T>(&mut self, node: &T, part: Part, name: &str, e: &'a Expr) -> Res {
        let scope = self.scope_of(node, part)?;
        let from = self.u.depth;
        self.load_const(&Const::Tuple(vec![Const::Int(1)]), Dest::Push);
        let code = self.function_code(scope, name, e.range(), |g| {
            g.format_check();
            if let Expr::Starred(s) = e {
                g.push(&s.value)?;
                let t = g.u.top();
                g.u.emit(Op::UnpackSequence, t, t, 1);
                g.u.emit(Op::Return, t, 0, 0);
                return Ok(());
            }
            g.return_value(Some(e))
        })?;
        self.make_function(&code, scope, DEFAULTS, from);
        Ok(())
    }

    pub(super) fn type_alias(&mut self, t: &'a ast::StmtTypeAlias) -> Res {
        let Expr::Name(name) = &*t.name else {
            return self.fail("cannot use this target in a type alias", t.name.range());
        };
        let from = self.u.depth;
        match t.type_params.as_deref() {
            None => {
                self.load_const(&text(&name.id), Dest::Push);
                self.push_none();
                self.evaluator(t, Part::Value, &name.id, &t.value)?;
                self.u.range = t.range;
                self.finish_alias(from);
            }
            Some(params) => {
                let scope = self.scope_of(t, Part::TypeParams)?;
                let code = self.generic_scope(scope, &name.id, t.range, params, |g| {
                    g.load_const(&text(&name.id), Dest::Push);
                    let (low, high) = (g.u.temp(0), g.u.temp(1));
                    g.u.emit(Op::SwapTemps, low, high, 0);
                    g.evaluator(t, Part::Value, &name.id, &t.value)?;
                    g.finish_alias(0);
                    Ok(())
                })?;
                self.u.range = t.range;
                self.call_generic(&code, scope, from, 0);
            }
        }
        self.store_top(&name.id)
    }

    fn finish_alias(&mut self, from: u16) {
        self.build(Op::BuildTuple, from, 3);
        let t = self.u.top();
        self.u.emit(Op::Intrinsic1, t, t, Intrinsic1::TypeAlias as u16);
    }
}
