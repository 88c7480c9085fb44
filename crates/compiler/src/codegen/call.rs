//! Calls: callee, self or NULL, arguments in consecutive temporaries; `super` without an object.

use super::{Dest, Gen, Place, Res};
use crate::symtable::ScopeKind;
use hognose_bytecode::{Const, Op};
use ruff_python_ast::{self as ast, Expr, Keyword};
use ruff_text_size::{Ranged, TextRange};
use std::collections::HashSet;

/// Arguments beyond this many are passed as a tuple and a dict.
const MAX_PLAIN: usize = 250;

/// Text as a constant.
pub(super) fn text(s: &str) -> Const {
    Const::Str(s.as_bytes().into())
}

impl<'a> Gen<'a> {
    pub(super) fn call(&mut self, c: &'a ast::ExprCall, dest: Dest) -> Res {
        self.check_keywords(&c.arguments.keywords)?;
        let range = TextRange::new(c.range_start, c.arguments.range.end());
        let from = self.u.depth;
        let mut at = range;
        let stars = needs_ex(&c.arguments.args, &c.arguments.keywords);
        match &*c.func {
            Expr::Attribute(a) if !stars => {
                if self.super_attribute(a, true)?.is_none() {
                    let object = self.operand(&a.value, &[])?;
                    self.u.range = self.attribute_range(a, a.range);
                    let name = self.mangled(&a.attr);
                    let n = self.u.name(&name);
                    let t = self.u.temp(from);
                    self.u.emit(Op::LoadMethod, t, object.reg, n);
                    self.u.drop_temps(u16::from(object.temp));
                    self.u.grow(2);
                }
                at = self.attribute_range(a, range);
            }
            func => {
                self.push(func)?;
                self.push_null();
            }
        }
        self.u.range = at;
        self.call_arguments(from, &c.arguments.args, &c.arguments.keywords, 0)?;
        self.deliver(dest);
        Ok(())
    }

    /// NULL into the next temporary.
    pub(super) fn push_null(&mut self) {
        let t = self.u.next_temp();
        self.u.emit(Op::ClearTemp, t, 0, 0);
        self.u.push();
    }

    /// Keyword names may not repeat or be `__debug__`.
    pub(super) fn check_keywords(&mut self, keywords: &[Keyword]) -> Res {
        let mut seen = HashSet::new();
        for k in keywords {
            let Some(name) = &k.arg else { continue };
            self.check_assignable(name, k.range)?;
            if !seen.insert(name.as_str()) {
                return self.fail(format!("keyword argument repeated: {name}"), k.range);
            }
        }
        Ok(())
    }

    /// Pushes arguments and calls; callee and self are at `from`, `extra` arguments are there already.
    pub(super) fn call_arguments(
        &mut self,
        from: u16,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        extra: u16,
    ) -> Res {
        let range = self.u.range;
        let base = self.u.temp(from);
        if needs_ex(args, keywords) {
            self.star_arguments(from, args, extra)?;
            let has_keywords = !keywords.is_empty();
            if has_keywords {
                self.keyword_dict(base, keywords)?;
            }
            self.u.range = range;
            self.u.emit(Op::CallEx, base, u16::from(has_keywords), 0);
        } else {
            args.iter().try_for_each(|e| self.push(e))?;
            keywords.iter().try_for_each(|k| self.push(&k.value))?;
            self.u.range = range;
            let count = (args.len() + keywords.len()) as u16 + extra;
            if keywords.is_empty() {
                self.u.emit(Op::Call, base, count, 0);
            } else {
                let names =
                    keywords.iter().filter_map(|k| k.arg.as_ref()).map(|n| text(&self.mangled_keyword(n)));
                let names = Const::Tuple(names.collect());
                let n = self.u.constant(names);
                self.u.too_large |= n > 0xffff;
                self.u.emit(Op::CallKw, base, count, n as u16);
            }
        }
        self.u.drop_temps(self.u.depth - from);
        self.u.push();
        Ok(())
    }

    fn mangled_keyword(&self, n: &str) -> String {
        self.mangled(n)
    }

    /// The tuple of positional arguments at `from + 2`.
    fn star_arguments(&mut self, from: u16, args: &'a [Expr], extra: u16) -> Res {
        if let ([Expr::Starred(s)], 0) = (args, extra) {
            return self.push(&s.value);
        }
        if extra == 0 {
            return self.tuple(args);
        }
        self.build(Op::BuildList, from + 2, extra);
        let list = self.u.top();
        for e in args {
            let (value, op) = match e {
                Expr::Starred(s) => (&*s.value, Op::ListExtend),
                e => (e, Op::ListAppend),
            };
            let v = self.operand(value, &[])?;
            self.u.emit(op, list, v.reg, 0);
            self.u.drop_temps(u16::from(v.temp));
        }
        self.u.emit(Op::ListToTuple, list, list, 0);
        Ok(())
    }

    /// The dict of keyword arguments in the next temporary; `callee` is named by errors.
    pub(super) fn keyword_dict(&mut self, callee: u16, keywords: &'a [Keyword]) -> Res {
        let from = self.u.depth;
        let first = keywords.iter().take(64).take_while(|k| k.arg.is_some()).count();
        for k in &keywords[..first] {
            self.keyword_pair(k)?;
        }
        self.build(Op::BuildMap, from, first as u16);
        let dict = self.u.temp(from);
        let mut rest = &keywords[first..];
        while let Some((k, after)) = rest.split_first() {
            if k.arg.is_none() {
                let v = self.operand(&k.value, &[])?;
                self.u.emit(Op::DictMerge, dict, v.reg, callee);
                self.u.drop_temps(u16::from(v.temp));
                rest = after;
                continue;
            }
            // Named ones in between are merged, too: a repetition of what came before is an error.
            let n = rest.iter().take(64).take_while(|k| k.arg.is_some()).count();
            let at = self.u.depth;
            for k in &rest[..n] {
                self.keyword_pair(k)?;
            }
            self.build(Op::BuildMap, at, n as u16);
            let t = self.u.top();
            self.u.emit(Op::DictMerge, dict, t, callee);
            self.u.drop_temps(1);
            rest = &rest[n..];
        }
        Ok(())
    }

    fn keyword_pair(&mut self, k: &'a Keyword) -> Res {
        let name = self.mangled(k.arg.as_deref().unwrap_or(""));
        self.load_const(&text(&name), Dest::Push);
        self.push(&k.value)
    }

    /// `super().attr` in a method without making the super object. Gives None if it is something else.
    pub(super) fn super_attribute(&mut self, a: &'a ast::ExprAttribute, method: bool) -> Res<Option<()>> {
        let Expr::Call(c) = &*a.value else { return Ok(None) };
        let Expr::Name(n) = &*c.func else { return Ok(None) };
        let args = &c.arguments;
        let known =
            n.id.as_str() == "super" && args.keywords.is_empty() && self.place("super") == Place::Global;
        if !known || self.scope().kind != ScopeKind::Function || args.args.iter().any(Expr::is_starred_expr) {
            return Ok(None);
        }
        let from = self.u.depth;
        match &*args.args {
            [] => {
                let first = self.scope().order.first().cloned().unwrap_or_default();
                let is_param = self.u.code.argcount > 0;
                let (Place::Deref(class), true) = (self.place("__class__"), is_param) else {
                    return Ok(None);
                };
                self.mark(n);
                self.load_mangled("super", Dest::Push);
                let name = self.u.name("__class__");
                self.u.range = c.func.range();
                let t = self.u.next_temp();
                self.u.emit(Op::LoadDeref, t, class, name);
                self.u.push();
                self.load_mangled(&first, Dest::Push);
            }
            [class, object] => {
                self.push(&c.func)?;
                self.push(class)?;
                self.push(object)?;
            }
            _ => return Ok(None),
        }
        let name = self.mangled(&a.attr);
        let name = self.u.name(&name);
        let t = self.u.temp(from);
        self.u.range = self.attribute_range(a, a.range);
        self.u.emit(if method { Op::LoadSuperMethod } else { Op::LoadSuperAttr }, t, t, name);
        self.u.drop_temps(3);
        self.u.grow(1 + u16::from(method));
        Ok(Some(()))
    }
}

/// Does the call need a tuple and a dict?
fn needs_ex(args: &[Expr], keywords: &[Keyword]) -> bool {
    args.len() + keywords.len() > MAX_PLAIN
        || args.iter().any(Expr::is_starred_expr)
        || keywords.iter().any(|k| k.arg.is_none())
}
