//! Comprehensions and generator expressions.
//!
//! Inlined: result → `t0`, iterators above; the variables are hidden registers that a handler clears on the way out.
//! Otherwise a function of one parameter `.0`, the iterator of the first `for`.

use super::{Dest, Gen, Res};
use crate::symtable::{Meaning, Part, ScopeId};
use hognose_bytecode::{CodeFlags, Op};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::collections::HashMap;

/// What is made.
#[derive(Clone, Copy)]
enum Kind<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(&'a Expr, &'a Expr),
    Generator(&'a Expr),
}

/// Does an expression await in its own function?
fn awaits(e: &Expr) -> bool {
    struct Find(bool);
    impl<'a> Visitor<'a> for Find {
        fn visit_expr(&mut self, e: &'a Expr) {
            match e {
                Expr::Await(_) => self.0 = true,
                Expr::Lambda(_) => {}
                // Of a generator expression only the first iterable is evaluated here.
                Expr::Generator(g) => g.generators.iter().take(1).for_each(|c| self.visit_expr(&c.iter)),
                Expr::ListComp(c) => self.0 |= c.generators.iter().any(|g| g.is_async),
                Expr::SetComp(c) => self.0 |= c.generators.iter().any(|g| g.is_async),
                Expr::DictComp(c) => self.0 |= c.generators.iter().any(|g| g.is_async),
                _ => {}
            }
            if !matches!(e, Expr::Lambda(_) | Expr::Generator(_)) {
                visitor::walk_expr(self, e);
            }
        }
    }
    let mut f = Find(false);
    f.visit_expr(e);
    f.0
}

/// The parentheses of the call around its only argument.
pub(crate) fn call_parentheses(source: &str, range: TextRange) -> TextRange {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let open = source.get(..start).and_then(|s| s.rfind('(')).unwrap_or(start);
    let close = source.get(end..).and_then(|s| s.find(')')).map_or(end, |i| end + i + 1);
    let size = |n: usize| TextSize::try_from(n).unwrap_or(range.start());
    TextRange::new(size(open), size(close).max(range.end()))
}

impl<'a> Gen<'a> {
    pub(super) fn comprehension(&mut self, e: &'a Expr) -> Res {
        match e {
            Expr::ListComp(c) => self.make(c, e.range(), Kind::List(&c.elt), &c.generators),
            Expr::SetComp(c) => self.make(c, e.range(), Kind::Set(&c.elt), &c.generators),
            Expr::DictComp(c) => match &c.key {
                Some(k) => self.make(c, e.range(), Kind::Dict(k, &c.value), &c.generators),
                None => self.fail("dict unpacking cannot be used in dict comprehension", c.range),
            },
            Expr::Generator(c) => {
                let range = if c.parenthesized { c.range } else { call_parentheses(self.source, c.range) };
                self.at(range, |g| g.make(c, range, Kind::Generator(&c.elt), &c.generators))
            }
            _ => Ok(()),
        }
    }

    fn make<T>(
        &mut self,
        node: &T,
        range: TextRange,
        kind: Kind<'a>,
        generators: &'a [ast::Comprehension],
    ) -> Res {
        if let Kind::List(e) | Kind::Set(e) | Kind::Generator(e) = kind
            && let Expr::Starred(s) = e
        {
            return self.fail("iterable unpacking cannot be used in comprehension", s.range);
        }
        let scope = self.scope_of(node, Part::Body)?;
        let is_async = generators.iter().any(|g| g.is_async) && !matches!(kind, Kind::Generator(_));
        if is_async && !self.may_await() {
            return self.fail("asynchronous comprehension outside of an asynchronous function", range);
        }
        if self.symbols.scopes[scope].inlined {
            self.inline(scope, kind, generators)
        } else {
            self.outline(scope, range, kind, generators)
        }
    }

    fn inline(&mut self, scope: ScopeId, kind: Kind<'a>, generators: &'a [ast::Comprehension]) -> Res {
        let range = self.u.range;
        let Some((first, rest)) = generators.split_first() else { return Ok(()) };
        let from = self.u.depth;
        self.build(Self::empty(kind), from, 0);
        self.push_iterator(first)?;
        self.u.range = range;
        let (base, names) = (self.u.hidden_next, self.symbols.scopes[scope].own_names());
        let names: Vec<(String, Meaning)> = names.map(|(n, m)| (n.clone(), m)).collect();
        let mut registers = HashMap::new();
        for (i, (n, m)) in names.iter().enumerate() {
            let r = base + i as u16;
            registers.insert(n.clone(), r);
            self.u.bound.remove(r);
            if *m == Meaning::Cell {
                self.u.emit(Op::MakeCell, r, 0, 0);
            }
        }
        let count = names.len() as u16;
        self.u.hidden_next += count;
        self.u.inlined.push((scope, registers));
        // The handler is outside the temporaries of the comprehension.
        let depth = self.u.depth;
        self.u.depth = from;
        let h = self.u.new_handler();
        self.u.depth = depth;
        let outer = self.u.handler.replace(h);
        self.loops(first, rest, from, kind)?;
        self.u.handler = outer;
        self.u.range = range;
        self.u.inlined.pop();
        self.u.hidden_next = base;
        self.clear_hidden(base, count);
        let end = self.u.label();
        self.u.goto(end);
        self.u.bind_handler(h);
        self.clear_hidden(base, count);
        let t = self.u.top();
        self.u.emit(Op::Reraise, t, 0, 0);
        self.u.bind(end);
        Ok(())
    }

    fn clear_hidden(&mut self, base: u16, count: u16) {
        for r in base..base + count {
            self.u.emit(Op::ClearLocal, r, 0, 0);
            self.u.bound.remove(r);
        }
    }

    fn empty(kind: Kind<'a>) -> Op {
        match kind {
            Kind::Set(_) => Op::BuildSet,
            Kind::Dict(..) => Op::BuildMap,
            _ => Op::BuildList,
        }
    }

    /// Pushes the iterator of a `for` part.
    fn push_iterator(&mut self, g: &'a ast::Comprehension) -> Res {
        let v = self.operand(&g.iter, &[])?;
        self.u.range = g.iter.range();
        self.finish_op(if g.is_async { Op::GetAIter } else { Op::GetIter }, v, None, 0, Dest::Push);
        Ok(())
    }

    /// The loop of `g`, whose iterator is the topmost temporary, and those inside it; consumes the iterator.
    fn loops(
        &mut self,
        g: &'a ast::Comprehension,
        rest: &'a [ast::Comprehension],
        result: u16,
        kind: Kind<'a>,
    ) -> Res {
        self.iterate(g.is_async, &g.target, g.iter.range(), |s, next| {
            g.ifs.iter().try_for_each(|e| s.cond(e, next, false))?;
            match rest.split_first() {
                Some((inner, rest)) => {
                    s.push_iterator(inner)?;
                    s.loops(inner, rest, result, kind)
                }
                None => s.element(result, kind),
            }
        })
    }

    fn element(&mut self, result: u16, kind: Kind<'a>) -> Res {
        let target = self.u.temp(result);
        match kind {
            Kind::List(e) | Kind::Set(e) => {
                let v = self.operand(e, &[])?;
                self.u.range = e.range();
                let op = if matches!(kind, Kind::Set(_)) { Op::SetAdd } else { Op::ListAppend };
                self.u.emit(op, target, v.reg, 0);
                self.u.drop_temps(u16::from(v.temp));
            }
            Kind::Dict(k, v) => {
                let key = self.operand(k, &[v])?;
                let value = self.operand(v, &[])?;
                self.u.range = Self::span(k, v);
                self.u.emit(Op::MapAdd, target, key.reg, value.reg);
                self.u.drop_temps(u16::from(key.temp) + u16::from(value.temp));
            }
            Kind::Generator(e) => {
                let v = self.operand(e, &[])?;
                self.u.range = e.range();
                self.emit_yield(v);
                self.release_top();
            }
        }
        Ok(())
    }

    fn outline(
        &mut self,
        scope: ScopeId,
        range: TextRange,
        kind: Kind<'a>,
        generators: &'a [ast::Comprehension],
    ) -> Res {
        let Some((first, rest)) = generators.split_first() else { return Ok(()) };
        let is_generator = matches!(kind, Kind::Generator(_));
        let parts = rest.iter().map(|g| &g.iter).chain(generators.iter().flat_map(|g| &g.ifs));
        let elements: Vec<&Expr> = match kind {
            Kind::List(e) | Kind::Set(e) | Kind::Generator(e) => vec![e],
            Kind::Dict(k, v) => vec![k, v],
        };
        let is_async = generators.iter().any(|g| g.is_async) || parts.chain(elements).any(awaits);
        self.symbols.scopes[scope].is_coroutine = is_async;
        let from = self.u.depth;
        let name = match kind {
            Kind::List(_) => "<listcomp>",
            Kind::Set(_) => "<setcomp>",
            Kind::Dict(..) => "<dictcomp>",
            Kind::Generator(_) => "<genexpr>",
        };
        let code = self.function_code(scope, name, range, |g| {
            g.u.code.argcount = 1;
            if !is_generator {
                g.build(Self::empty(kind), 0, 0);
            }
            g.load_mangled(".0", Dest::Push);
            g.loops(first, rest, 0, kind)?;
            if is_generator {
                g.end_body();
            } else {
                let t = g.u.top();
                g.u.emit(Op::Return, t, 0, 0);
                g.u.drop_temps(1);
            }
            Ok(())
        })?;
        self.make_function(&code, scope, 0, from);
        self.push_null();
        self.push_iterator(first)?;
        self.u.range = range;
        let base = self.u.temp(from);
        self.u.emit(Op::Call, base, 1, 0);
        self.u.drop_temps(2);
        if is_async && !is_generator {
            self.await_top(0);
        }
        Ok(())
    }

    /// Is `await` allowed here?
    pub(super) fn may_await(&self) -> bool {
        let flags = self.u.code.flags.0;
        flags & (CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR) != 0
    }
}
