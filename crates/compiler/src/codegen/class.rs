//! Class statements: the call of `__build_class__` and the code of the body.

use super::call::text;
use super::{Dest, Gen, Res};
use crate::symtable::Part;
use hognose_bytecode::{Code, Const, Intrinsic1, Op};
use ruff_python_ast::{self as ast, Expr, Keyword, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::rc::Rc;

impl<'a> Gen<'a> {
    pub(super) fn class_def(&mut self, c: &'a ast::StmtClassDef) -> Res {
        self.check_assignable(&c.name, c.name.range)?;
        for d in &c.decorator_list {
            self.push(&d.expression)?;
            self.push_null();
        }
        let first = c.decorator_list.first().map_or(c.range, |d| TextRange::new(d.start(), c.range.end()));
        let whole = self.without_decorators(&c.decorator_list, c.range);
        self.u.range = whole;
        match c.type_params.as_deref() {
            None => self.build_class(c, first, None)?,
            Some(t) => {
                let from = self.u.depth;
                let scope = self.scope_of(c, Part::TypeParams)?;
                let code = self.generic_scope(scope, &c.name, first, t, |g| {
                    g.store_top_mangled(".type_params");
                    g.load_mangled(".type_params", Dest::Push);
                    let t = g.u.top();
                    g.u.emit(Op::Intrinsic1, t, t, Intrinsic1::SubscriptGeneric as u16);
                    g.store_top_mangled(".generic_base");
                    g.build_class(c, first, Some(".generic_base"))
                })?;
                self.u.range = whole;
                self.call_generic(&code, scope, from, 0);
            }
        }
        self.decorate(&c.decorator_list);
        self.u.range = whole;
        self.store_top(&c.name)
    }

    /// Pushes the class.
    fn build_class(&mut self, c: &'a ast::StmtClassDef, first: TextRange, base: Option<&str>) -> Res {
        let whole = self.u.range;
        let from = self.u.depth;
        let t = self.u.next_temp();
        self.u.emit(Op::LoadBuildClass, t, 0, 0);
        self.u.push();
        self.push_null();
        let scope = self.scope_of(c, Part::Body)?;
        let at = self.u.depth;
        let code = self.class_code(c, first)?;
        self.make_function(&code, scope, 0, at);
        self.load_const(&text(&c.name), Dest::Push);
        let none: (&'a [Expr], &'a [Keyword]) = (&[], &[]);
        let (args, keywords) = c.arguments.as_ref().map_or(none, |a| (&*a.args, &*a.keywords));
        self.check_keywords(keywords)?;
        let Some(base) = base else { return self.at(whole, |g| g.call_arguments(from, args, keywords, 2)) };
        // The generic base is the last positional argument.
        self.generic_call(from, args, keywords, base, whole)
    }

    fn generic_call(
        &mut self,
        from: u16,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        base: &str,
        range: TextRange,
    ) -> Res {
        if args.iter().any(Expr::is_starred_expr) || keywords.iter().any(|k| k.arg.is_none()) {
            self.build(Op::BuildList, from + 2, 2);
            let list = self.u.top();
            for e in args {
                let (value, op) = match e {
                    Expr::Starred(s) => (&*s.value, Op::ListExtend),
                    e => (e, Op::ListAppend),
                };
                self.push(value)?;
                let v = self.u.top();
                self.u.emit(op, list, v, 0);
                self.u.drop_temps(1);
            }
            self.load_mangled(base, Dest::Push);
            let v = self.u.top();
            self.u.emit(Op::ListAppend, list, v, 0);
            self.u.drop_temps(1);
            self.u.emit(Op::ListToTuple, list, list, 0);
            let callee = self.u.temp(from);
            if !keywords.is_empty() {
                self.keyword_dict(callee, keywords)?;
            }
            self.u.range = range;
            self.u.emit(Op::CallEx, callee, u16::from(!keywords.is_empty()), 0);
            self.u.drop_temps(self.u.depth - from);
            self.u.push();
            return Ok(());
        }
        args.iter().try_for_each(|e| self.push(e))?;
        self.load_mangled(base, Dest::Push);
        self.at(range, |g| g.call_arguments(from, &[], keywords, args.len() as u16 + 3))
    }

    fn class_code(&mut self, c: &'a ast::StmtClassDef, first: TextRange) -> Res<Rc<Code>> {
        let scope = self.scope_of(c, Part::Body)?;
        self.enter(scope, &c.name, first);
        self.u.range = self.line_start(first);
        self.prologue();
        self.load_mangled("__name__", Dest::Push);
        self.store_top("__module__")?;
        let qualname = text(&self.u.code.qualname);
        self.load_const(&qualname, Dest::Push);
        self.store_top("__qualname__")?;
        self.load_const(&Const::Int(i64::from(self.u.code.first_line)), Dest::Push);
        self.store_top("__firstlineno__")?;
        if let Some(&cell) = self.u.locals.get("__classdict__") {
            let t = self.u.next_temp();
            self.u.emit(Op::LoadLocals, t, 0, 0);
            self.u.push();
            self.u.emit(Op::StoreDeref, cell, t, 0);
            self.u.drop_temps(1);
        }
        if c.type_params.is_some() {
            self.load_mangled(".type_params", Dest::Push);
            self.store_top("__type_params__")?;
        }
        self.class_annotations_begin()?;
        let mut body = &c.body[..];
        if let Some((Stmt::Expr(e), rest)) = body.split_first()
            && let Expr::StringLiteral(s) = &*e.value
        {
            body = rest;
            if self.options.optimize < 2 {
                self.u.range = e.range;
                let doc = self.docstring(s);
                self.load_const(&doc, Dest::Push);
                self.store_top("__doc__")?;
            }
        }
        let annotated = self.number_annotations(&c.body);
        if annotated && self.symbols.future_annotations {
            self.u.emit(Op::SetupAnnotations, 0, 0, 0);
        }
        self.body(body)?;
        self.u.range = self.line_start(first);
        if annotated && !self.symbols.future_annotations {
            let whole = self.without_decorators(&c.decorator_list, c.range);
            self.class_annotations_end(c, whole)?;
        }
        self.class_end()?;
        self.leave()
    }

    fn class_end(&mut self) -> Res {
        let attributes = self.scope().static_attributes.iter().map(|s| text(s)).collect();
        self.load_const(&Const::Tuple(attributes), Dest::Push);
        self.store_top("__static_attributes__")?;
        for (cell, name) in [("__classdict__", "__classdictcell__"), ("__class__", "__classcell__")] {
            if let Some(&r) = self.u.locals.get(cell) {
                let t = self.u.next_temp();
                self.u.emit(Op::Copy, t, r, 0);
                self.u.push();
                self.store_top(name)?;
            }
        }
        match self.u.locals.get("__class__").copied() {
            Some(r) => {
                let t = self.u.next_temp();
                self.u.emit(Op::Copy, t, r, 0);
                self.u.push();
                self.u.emit(Op::Return, t, 0, 0);
                self.u.drop_temps(1);
            }
            None => self.end_body(),
        }
        Ok(())
    }
}
