//! `try` in its three forms and `with`.
//!
//! Every handler begins `[exception, previous]` by `PushExc` and is covered by a *cleanup* handler at that depth, whose code is
//! `[exception, previous, new] → [new]`, then raises `new` again. Control also jumps there with `new` on top.

use super::emit::{Block, Label};
use super::{Dest, Gen, Opd, Res};
use hognose_bytecode::{CodeFlags, Const, Op};
use ruff_python_ast::{self as ast, ExceptHandler, ExceptHandlerExceptHandler, Identifier};
use ruff_text_size::Ranged;

impl<'a> Gen<'a> {
    fn is_generator(&self) -> bool {
        let kinds = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
        self.u.code.flags.0 & kinds != 0
    }

    /// `[…, exception]` becomes `[…, exception, previous]`; gives the cleanup handler, which is active from here.
    fn push_exc(&mut self) -> usize {
        let outermost = u16::from(self.is_generator() && self.u.handling == 0);
        let t = self.u.top();
        self.u.grow(1);
        self.u.drop_temps(1);
        self.u.emit(Op::PushExc, t, outermost, 0);
        self.u.push();
        self.u.handling += 1;
        let c = self.u.new_handler();
        self.u.handler = Some(c);
        c
    }

    /// Ends the handler whose exception is temporary number `at`; those above it move down by emitted swaps before.
    pub(super) fn pop_exc(&mut self, at: u16) {
        self.u.handling = self.u.handling.saturating_sub(1);
        let outermost = u16::from(self.is_generator() && self.u.handling == 0);
        let t = self.u.temp(at);
        self.u.emit(Op::PopExc, t, outermost, 0);
        self.u.drop_temps(2);
    }

    /// The code of cleanup handler `c`; `handling` counts the handler still.
    fn cleanup(&mut self, c: usize, outer: Option<usize>) {
        self.u.handler = outer;
        self.u.bind_handler(c);
        let d = self.u.depth;
        let (e, previous, new) = (self.u.temp(d - 3), self.u.temp(d - 2), self.u.temp(d - 1));
        self.u.emit(Op::SwapTemps, e, new, 0);
        self.u.emit(Op::SwapTemps, previous, new, 0);
        self.pop_exc(d - 2);
        self.u.emit(Op::Reraise, e, 0, 0);
        self.u.reachable = false;
        self.u.drop_temps(1);
    }

    pub(super) fn try_stmt(&mut self, t: &'a ast::StmtTry) -> Res {
        if t.finalbody.is_empty() {
            return self.try_inner(t);
        }
        let outer = self.u.handler;
        let depth = self.u.depth;
        let end = self.u.label();
        let h = self.u.new_handler();
        self.enter_block(Block::Finally { body: &t.finalbody, handler: outer })?;
        self.u.handler = Some(h);
        if t.handlers.is_empty() {
            self.body(&t.body)?;
            self.body(&t.orelse)?;
        } else {
            self.try_inner(t)?;
        }
        self.u.blocks.pop();
        self.u.handler = outer;
        self.body(&t.finalbody)?;
        self.u.goto(end);
        self.u.bind_handler(h);
        let c = self.push_exc();
        self.enter_block(Block::Handler { name: None, handler: outer })?;
        self.body(&t.finalbody)?;
        self.u.blocks.pop();
        self.duplicate(depth);
        self.cleanup(c, outer);
        self.u.depth = depth;
        self.u.bind(end);
        Ok(())
    }

    fn try_inner(&mut self, t: &'a ast::StmtTry) -> Res {
        let outer = self.u.handler;
        let depth = self.u.depth;
        let end = self.u.label();
        let h = self.u.new_handler();
        self.enter_block(Block::Try { handler: outer })?;
        self.u.handler = Some(h);
        self.body(&t.body)?;
        self.u.blocks.pop();
        self.u.handler = outer;
        self.body(&t.orelse)?;
        self.u.goto(end);
        self.u.bind_handler(h);
        let c = self.push_exc();
        if t.is_star {
            self.star_clauses(t, depth, outer, c)?;
            self.u.goto(end);
            self.u.depth = depth + 3;
        } else {
            for (i, clause) in t.handlers.iter().enumerate() {
                let ExceptHandler::ExceptHandler(clause) = clause;
                if clause.type_.is_none() && i + 1 < t.handlers.len() {
                    return self.fail("default 'except:' must be last", clause.range);
                }
                let next = self.clause(clause, depth, outer, c, end)?;
                self.u.handler = Some(c);
                self.u.depth = depth + 2;
                self.u.handling += 1;
                if let Some(next) = next {
                    self.u.bind(next);
                }
            }
            self.mark(t);
            self.duplicate(depth);
        }
        self.cleanup(c, outer);
        self.u.depth = depth;
        self.u.bind(end);
        Ok(())
    }

    /// One except clause; gives the label where control goes when it does not match.
    fn clause(
        &mut self,
        h: &'a ExceptHandlerExceptHandler,
        depth: u16,
        outer: Option<usize>,
        cleanup: usize,
        end: Label,
    ) -> Res<Option<Label>> {
        self.u.handler = Some(cleanup);
        let exception = self.u.temp(depth);
        let mut next = None;
        if let Some(e) = &h.type_ {
            let v = self.operand(e, &[])?;
            self.u.range = e.range();
            let label = self.u.label();
            let t = self.u.temp(depth + 2);
            self.u.emit(Op::CheckExcMatch, t, exception, v.reg);
            self.u.drop_temps(u16::from(v.temp));
            let reg = self.u.push();
            self.branch(Opd { reg, temp: true }, label, false);
            next = Some(label);
        }
        let mut name_handler = None;
        if let Some(n) = &h.name {
            self.check_assignable(n, n.range)?;
            self.u.range = n.range;
            self.duplicate(depth);
            self.store_top(n)?;
            name_handler = Some(self.u.new_handler());
            self.u.handler = name_handler;
        }
        self.enter_block(Block::Handler { name: h.name.as_ref(), handler: outer })?;
        self.body(&h.body)?;
        self.u.blocks.pop();
        self.u.handler = outer;
        self.pop_exc(depth);
        if let Some(n) = &h.name {
            self.unbind_name(n)?;
        }
        self.u.goto(end);
        if let (Some(nh), Some(n)) = (name_handler, &h.name) {
            self.u.depth = depth + 2;
            self.u.bind_handler(nh);
            self.u.handler = Some(cleanup);
            self.unbind_name(n)?;
            let to = self.u.handler_label(cleanup);
            self.u.goto(to);
        }
        Ok(next)
    }

    /// `name = None; del name`.
    pub(super) fn unbind_name(&mut self, n: &Identifier) -> Res {
        let name = self.mangled(n);
        if let super::Place::Local(r) = self.place(&name) {
            self.u.emit(Op::ClearLocal, r, 0, 0);
            self.u.bound.remove(r);
            return Ok(());
        }
        self.push_none();
        self.store_top_mangled(&name);
        self.delete_name(&name);
        Ok(())
    }

    /// `[exception, previous]`; leaves with depth `depth` if all is handled, else through the cleanup code.
    fn star_clauses(&mut self, t: &'a ast::StmtTry, depth: u16, outer: Option<usize>, cleanup: usize) -> Res {
        self.build(Op::BuildList, depth + 2, 0);
        self.duplicate(depth);
        for h in &t.handlers {
            let ExceptHandler::ExceptHandler(h) = h;
            self.star_clause(h, depth, cleanup)?;
        }
        self.mark(t);
        // [exception, previous, list, rest]
        let (list, rest) = (self.u.temp(depth + 2), self.u.temp(depth + 3));
        self.u.emit(Op::ListAppend, list, rest, 0);
        self.u.drop_temps(1);
        self.duplicate(depth);
        self.u.emit(Op::PrepReraiseStar, list, rest, list);
        self.u.drop_temps(1);
        self.duplicate(depth + 2);
        let to = self.u.handler_label(cleanup);
        let top = self.u.top();
        self.u.jump(Op::JNotNone, top, 0, to, depth + 3);
        self.u.drop_temps(1);
        self.u.handler = outer;
        self.release_top();
        self.pop_exc(depth);
        self.u.handling += 1;
        Ok(())
    }

    /// `[exception, previous, list, rest]` before and after.
    fn star_clause(&mut self, h: &'a ExceptHandlerExceptHandler, depth: u16, cleanup: usize) -> Res {
        let Some(e) = &h.type_ else { return self.fail("expected one or more exception types", h.range) };
        self.push(e)?;
        self.u.range = e.range();
        let (list, rest, kind) = (self.u.temp(depth + 2), self.u.temp(depth + 3), self.u.temp(depth + 4));
        self.u.emit(Op::CheckEgMatch, rest, rest, kind);
        // [exception, previous, list, match, rest]
        let next = self.u.label();
        self.duplicate(depth + 3);
        let top = self.u.top();
        self.u.jump(Op::JNone, top, 0, next, depth + 5);
        self.u.drop_temps(1);
        if let Some(n) = &h.name {
            self.check_assignable(n, n.range)?;
            self.duplicate(depth + 3);
            self.store_top(n)?;
        }
        let failed = self.u.new_handler();
        self.u.handler = Some(failed);
        self.enter_block(Block::Star)?;
        self.body(&h.body)?;
        self.u.blocks.pop();
        self.u.handler = Some(cleanup);
        if let Some(n) = &h.name {
            self.unbind_name(n)?;
        }
        self.u.goto(next);
        self.u.bind_handler(failed);
        if let Some(n) = &h.name {
            self.unbind_name(n)?;
        }
        let raised = self.u.top();
        self.u.emit(Op::ListAppend, list, raised, 0);
        self.u.drop_temps(1);
        self.u.bind(next);
        self.u.emit(Op::SwapTemps, rest, kind, 0);
        self.release_top();
        Ok(())
    }

    pub(super) fn with_stmt(&mut self, w: &'a ast::StmtWith) -> Res {
        if w.is_async && !self.may_await() {
            return self.fail("'async with' outside async function", w.range);
        }
        self.with_items(w, 0)
    }

    fn with_items(&mut self, w: &'a ast::StmtWith, i: usize) -> Res {
        let Some(item) = w.items.get(i) else { return self.body(&w.body) };
        let outer = self.u.handler;
        let depth = self.u.depth;
        let range = item.context_expr.range();
        let end = self.u.label();
        self.push(&item.context_expr)?;
        self.u.range = range;
        let t = self.u.top();
        self.u.grow(3);
        self.u.drop_temps(3);
        self.u.emit(Op::LoadWith, t, u16::from(w.is_async), 0);
        self.u.grow(3);
        let call = self.u.temp(depth + 2);
        self.u.emit(Op::Call, call, 0, 0);
        self.u.drop_temps(1);
        if w.is_async {
            self.await_top(1);
        }
        // [exit, self, value]: the handler does not see the value.
        self.u.drop_temps(1);
        let h = self.u.new_handler();
        self.u.grow(1);
        self.enter_block(Block::With { is_async: w.is_async, range, handler: outer })?;
        self.u.handler = Some(h);
        match &item.optional_vars {
            Some(target) => self.store_target(target)?,
            None => self.release_top(),
        }
        self.with_items(w, i + 1)?;
        self.u.blocks.pop();
        self.u.handler = outer;
        self.u.range = range;
        self.exit_with(w.is_async);
        self.u.goto(end);
        self.u.bind_handler(h);
        self.u.range = range;
        let c = self.push_exc();
        self.exit_with_exception(w.is_async, depth, outer, c);
        self.u.depth = depth;
        self.u.goto(end);
        self.u.depth = depth + 5;
        self.cleanup_with(c, outer);
        self.u.depth = depth;
        self.u.bind(end);
        Ok(())
    }

    /// `[exit, self]`: calls exit with three None.
    pub(super) fn exit_with(&mut self, is_async: bool) {
        let base = self.u.temp(self.u.depth - 2);
        (0..3).for_each(|_| self.load_const(&Const::None, Dest::Push));
        self.u.emit(Op::Call, base, 3, 0);
        self.u.drop_temps(4);
        if is_async {
            self.await_top(2);
        }
        self.release_top();
    }

    /// `[exit, self, exception, previous]`: falls through with everything released when exit swallows the exception.
    fn exit_with_exception(&mut self, is_async: bool, depth: u16, outer: Option<usize>, c: usize) {
        self.duplicate(depth);
        self.duplicate(depth + 1);
        let (exception, triple) = (self.u.temp(depth + 2), self.u.next_temp());
        self.u.grow(3);
        self.u.drop_temps(3);
        self.u.emit(Op::PushExcTriple, triple, exception, 0);
        self.u.grow(3);
        let base = self.u.temp(depth + 4);
        self.u.emit(Op::Call, base, 3, 0);
        self.u.drop_temps(4);
        if is_async {
            self.await_top(2);
        }
        let swallowed = self.u.label();
        let v = self.top_operand();
        self.branch(v, swallowed, true);
        self.duplicate(depth + 2);
        let to = self.u.handler_label(c);
        self.u.goto(to);
        self.u.drop_temps(1);
        self.u.bind(swallowed);
        self.u.handler = outer;
        self.pop_exc(depth + 2);
        self.u.handling += 1;
        self.release_top();
        self.release_top();
    }

    /// The cleanup code of a `with`; exit and self below are left to whoever catches the exception.
    fn cleanup_with(&mut self, c: usize, outer: Option<usize>) {
        self.cleanup(c, outer);
    }
}
