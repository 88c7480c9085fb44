//! Loops, awaiting, yielding, and leaving blocks by return, break and continue.
//!
//! Leaving a block emits its undoing in place (`finally` bodies are copied). What was live before is restored afterwards: the
//! code that follows is dead but keeps the books. A pending value stays on top of the stack while blocks are undone.

use super::emit::{Block, Label};
use super::{Dest, Gen, Opd, Res};
use hognose_bytecode::{CodeFlags, Op, SpecialValue};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

/// Blocks CPython allows inside each other.
const MAX_BLOCKS: usize = 20;

impl<'a> Gen<'a> {
    pub(super) fn enter_block(&mut self, b: Block<'a>) -> Res {
        let pending = matches!(b, Block::Value);
        if self.u.blocks.len() >= MAX_BLOCKS && !pending {
            return self.fail("too many statically nested blocks", self.u.range);
        }
        self.u.blocks.push(b);
        Ok(())
    }

    /// A loop over the iterator in the topmost temporary, consumed at the end. `body` gets the label of the next round.
    pub(super) fn iterate(
        &mut self,
        is_async: bool,
        target: &'a Expr,
        range: TextRange,
        body: impl FnOnce(&mut Self, Label) -> Res,
    ) -> Res {
        let next = self.u.label();
        if is_async {
            let after = self.u.label();
            self.async_iterate(target, range, next, after, |g| body(g, next))?;
            self.u.bind(after);
            return Ok(());
        }
        self.sync_iterate(target, range, next, |g| body(g, next))
    }

    fn sync_iterate(
        &mut self,
        target: &'a Expr,
        range: TextRange,
        next: Label,
        body: impl FnOnce(&mut Self) -> Res,
    ) -> Res {
        let start = self.u.label();
        let alive = self.u.reachable;
        let iterator = self.u.top();
        self.u.range = range;
        self.u.goto(next);
        self.u.reachable = alive;
        self.u.bind_loop_head(start);
        let local = self.plain_local(target)?;
        match local {
            Some(r) => self.u.bound.insert(r),
            None => {
                self.u.push();
                self.store_target(target)?;
            }
        }
        body(self)?;
        self.u.bind(next);
        self.u.range = range;
        let depth = self.u.depth;
        let (op, b, extra) = match local {
            Some(r) => (Op::ForIterL, r, 0),
            None => (Op::ForIter, self.u.next_temp(), 1),
        };
        self.u.grow(extra);
        self.u.drop_temps(extra);
        if self.wide {
            let (go, done) = (self.u.label(), self.u.label());
            self.u.jump(op, iterator, b, go, depth + extra);
            self.u.drop_temps(1);
            self.u.goto(done);
            self.u.depth = depth + extra;
            self.u.bind(go);
            self.u.goto(start);
            self.u.depth = depth - 1;
            self.u.bind(done);
        } else {
            self.u.jump(op, iterator, b, start, depth + extra);
            self.u.drop_temps(1);
        }
        Ok(())
    }

    /// The register of a target that is a plain local.
    fn plain_local(&mut self, target: &Expr) -> Res<Option<u16>> {
        let Expr::Name(n) = target else { return Ok(None) };
        self.check_assignable(&n.id, n.range)?;
        match self.place(&self.mangled(&n.id)) {
            super::Place::Local(r) => Ok(Some(r)),
            _ => Ok(None),
        }
    }

    fn async_iterate(
        &mut self,
        target: &'a Expr,
        range: TextRange,
        next: Label,
        after: Label,
        body: impl FnOnce(&mut Self) -> Res,
    ) -> Res {
        let depth = self.u.depth;
        self.u.bind_loop_head(next);
        let h = self.u.new_handler();
        let outer = self.u.handler.replace(h);
        self.u.range = range;
        let (iterator, t) = (self.u.top(), self.u.next_temp());
        self.u.emit(Op::GetANext, t, iterator, 0);
        self.u.push();
        self.await_loop();
        self.u.handler = outer;
        self.store_target(target)?;
        body(self)?;
        self.u.range = range;
        self.u.goto(next);
        self.u.bind_handler(h);
        let t = self.u.top();
        self.u.jump(Op::EndAsyncFor, t, 0, after, depth - 1);
        self.u.reachable = false;
        self.u.depth = depth - 1;
        Ok(())
    }

    pub(super) fn for_stmt(&mut self, f: &'a ast::StmtFor) -> Res {
        if f.is_async && !self.may_await() {
            return self.fail("'async for' outside async function", f.range);
        }
        let v = self.operand(&f.iter, &[])?;
        self.u.range = f.iter.range();
        self.finish_op(if f.is_async { Op::GetAIter } else { Op::GetIter }, v, None, 0, Dest::Push);
        let (next, after, end) = (self.u.label(), self.u.label(), self.u.label());
        self.enter_block(Block::For { next, end })?;
        if f.is_async {
            self.async_iterate(&f.target, f.iter.range(), next, after, |g| g.body(&f.body))?;
        } else {
            self.sync_iterate(&f.target, f.iter.range(), next, |g| g.body(&f.body))?;
        }
        self.u.blocks.pop();
        self.u.bind(after);
        self.body(&f.orelse)?;
        self.u.bind(end);
        Ok(())
    }

    pub(super) fn while_stmt(&mut self, w: &'a ast::StmtWhile) -> Res {
        let constant = self.fold(&w.test).map(|c| super::cond::truth(&c));
        let (start, next, end) = (self.u.label(), self.u.label(), self.u.label());
        let alive = self.u.reachable;
        self.u.range = w.test.range();
        match constant {
            Some(true) => self.u.bind_loop_head(next),
            Some(false) => self.u.reachable = false,
            None => {
                self.u.goto(next);
                self.u.reachable = alive;
                self.u.bind_loop_head(start);
            }
        }
        let before = self.u.bound.clone();
        self.enter_block(Block::While { next, end })?;
        self.body(&w.body)?;
        self.u.blocks.pop();
        self.u.range = w.test.range();
        match constant {
            Some(true) => self.u.goto(next),
            Some(false) => {
                self.u.bind(next);
                self.u.bound = before;
                self.u.reachable = alive;
            }
            None => {
                self.u.bind(next);
                self.cond(&w.test, start, true)?;
            }
        }
        self.body(&w.orelse)?;
        self.u.bind(end);
        Ok(())
    }

    /// Awaits what is in the topmost temporary. `kind`: 0 await, 1 `__aenter__`, 2 `__aexit__`.
    pub(super) fn await_top(&mut self, kind: u16) {
        let t = self.u.top();
        self.u.emit(Op::GetAwaitable, t, t, kind);
        self.await_loop();
    }

    /// Sends None to the iterator in the topmost temporary until it returns; its result replaces it.
    fn await_loop(&mut self) {
        let t = self.u.top();
        self.push_none();
        let (v, depth) = (self.u.top(), self.u.depth);
        let (send, done) = (self.u.label(), self.u.label());
        self.u.bind_loop_head(send);
        self.u.jump(Op::Send, t, v, done, depth);
        let flags = self.yield_flags(4);
        self.u.emit(Op::Yield, v, v, flags);
        self.u.goto(send);
        self.u.bind(done);
        self.u.emit(Op::Move, t, v, 0);
        self.u.drop_temps(1);
    }

    fn yield_flags(&self, flags: u16) -> u16 {
        flags | u16::from(self.u.handling > 0)
    }

    /// Yields a value; what is sent goes to a new temporary.
    pub(super) fn emit_yield(&mut self, v: Opd) {
        let wrap = if self.u.code.flags.has(CodeFlags::ASYNC_GENERATOR) { 2 } else { 0 };
        let flags = self.yield_flags(wrap);
        self.finish_op(Op::Yield, v, None, flags, Dest::Push);
    }

    pub(super) fn yield_expr(&mut self, y: &'a ast::ExprYield) -> Res {
        let v = match y.value.as_deref() {
            Some(e) => self.operand(e, &[])?,
            None => {
                self.push_none();
                Opd { reg: self.u.top(), temp: true }
            }
        };
        self.u.range = y.range;
        self.emit_yield(v);
        Ok(())
    }

    pub(super) fn yield_from(&mut self, y: &'a ast::ExprYieldFrom) -> Res {
        if self.may_await() {
            return self.fail("'yield from' inside async function", y.range);
        }
        let v = self.operand(&y.value, &[])?;
        self.u.range = y.range;
        self.finish_op(Op::GetYieldFromIter, v, None, 0, Dest::Push);
        self.await_loop();
        Ok(())
    }

    pub(super) fn await_expr(&mut self, a: &'a ast::ExprAwait) -> Res {
        if !self.may_await() {
            let function = self.scope().kind.is_function();
            let what = if function { "'await' outside async function" } else { "'await' outside function" };
            return self.fail(what, a.range);
        }
        let v = self.operand(&a.value, &[])?;
        self.u.range = a.range;
        self.finish_op(Op::GetAwaitable, v, None, 0, Dest::Push);
        self.await_loop();
        Ok(())
    }

    /// Undoes the blocks above number `keep`; `pending`: a value in the topmost temporary survives.
    fn unwind(&mut self, keep: usize, pending: bool) -> Res {
        while self.u.blocks.len() > keep {
            let Some(b) = self.u.blocks.pop() else { break };
            self.unwind_block(b, pending)?;
        }
        Ok(())
    }

    /// Brings the topmost temporary below the `n` (1 or 2) under it, which keep their order.
    fn sink(&mut self, n: u16) {
        let d = self.u.depth;
        let (low, high) = (self.u.temp(d - 1 - n), self.u.top());
        self.u.emit(Op::SwapTemps, low, high, 0);
        if n == 2 {
            let middle = self.u.temp(d - 2);
            self.u.emit(Op::SwapTemps, middle, high, 0);
        }
    }

    fn unwind_block(&mut self, b: Block<'a>, pending: bool) -> Res {
        match b {
            Block::While { .. } | Block::Star => {}
            Block::For { .. } | Block::Value => {
                if pending {
                    self.sink(1);
                }
                self.release_top();
            }
            Block::Try { handler } => self.u.handler = handler,
            Block::Finally { body, handler } => {
                self.u.handler = handler;
                if pending {
                    self.enter_block(Block::Value)?;
                }
                self.body(body)?;
                if pending {
                    self.u.blocks.pop();
                }
            }
            Block::Handler { name, handler } => {
                if pending {
                    self.sink(2);
                }
                self.u.handler = handler;
                self.pop_exc(self.u.depth - 2);
                if let Some(n) = name {
                    self.unbind_name(n)?;
                }
            }
            Block::With { is_async, range, handler } => {
                if pending {
                    self.sink(2);
                }
                self.u.handler = handler;
                self.at(range, |g| g.exit_with(is_async));
            }
        }
        Ok(())
    }

    /// Runs `f`, which leaves blocks and jumps away, and restores what was before.
    fn leaving(&mut self, f: impl FnOnce(&mut Self) -> Res) -> Res {
        let u = &self.u;
        let saved = (u.blocks.clone(), u.handler, u.depth, u.handling);
        let range = u.range;
        f(self)?;
        (self.u.blocks, self.u.handler, self.u.depth, self.u.handling) = saved;
        self.u.range = range;
        Ok(())
    }

    /// `break` or `continue`.
    pub(super) fn leave_loop(&mut self, is_break: bool, range: TextRange) -> Res {
        let loops = |b: &Block<'a>| matches!(b, Block::While { .. } | Block::For { .. } | Block::Star);
        let Some(i) = self.u.blocks.iter().rposition(loops) else {
            let what = if is_break { "'break' outside loop" } else { "'continue' not properly in loop" };
            return self.fail(what, range);
        };
        match self.u.blocks[i].clone() {
            Block::While { next, end } => self.leaving(|g| {
                g.unwind(i + 1, false)?;
                g.u.range = range;
                g.u.goto(if is_break { end } else { next });
                Ok(())
            }),
            Block::For { next, end } => self.leaving(|g| {
                g.unwind(if is_break { i } else { i + 1 }, false)?;
                g.u.range = range;
                g.u.goto(if is_break { end } else { next });
                Ok(())
            }),
            _ => self.fail("'break', 'continue' and 'return' cannot appear in an except* block", range),
        }
    }

    /// `return`.
    pub(super) fn return_stmt(&mut self, r: &'a ast::StmtReturn) -> Res {
        if !self.scope().kind.is_function() {
            return self.fail("'return' outside function", r.range);
        }
        if self.u.blocks.iter().any(|b| matches!(b, Block::Star)) {
            return self.fail("'break', 'continue' and 'return' cannot appear in an except* block", r.range);
        }
        if r.value.is_some() && self.u.code.flags.has(CodeFlags::ASYNC_GENERATOR) {
            return self.fail("'return' with value in async generator", r.range);
        }
        self.return_value(r.value.as_deref())
    }

    /// Returns a value (None without), undoing all blocks.
    pub(super) fn return_value(&mut self, e: Option<&'a Expr>) -> Res {
        let range = self.u.range;
        let constant = e.map_or(Some(hognose_bytecode::Const::None), |e| self.fold(e));
        let Some(e) = e.filter(|_| constant.is_none()) else {
            let c = constant.unwrap_or(hognose_bytecode::Const::None);
            return self.leaving(|g| {
                g.unwind(0, false)?;
                g.u.range = e.map_or(range, Ranged::range);
                g.return_const(&c);
                Ok(())
            });
        };
        self.leaving(|g| {
            let simple = g.u.blocks.iter().all(|b| matches!(b, Block::While { .. }));
            if simple {
                let v = g.operand(e, &[])?;
                g.u.range = range;
                g.u.emit(Op::Return, v.reg, 0, 0);
                return Ok(());
            }
            g.push(e)?;
            g.unwind(0, true)?;
            g.u.range = range;
            let t = g.u.top();
            g.u.emit(Op::Return, t, 0, 0);
            Ok(())
        })
    }

    fn return_const(&mut self, c: &hognose_bytecode::Const) {
        use hognose_bytecode::Const;
        let special = match c {
            Const::None => SpecialValue::None,
            Const::Bool(false) => SpecialValue::False,
            Const::Bool(true) => SpecialValue::True,
            Const::Ellipsis => SpecialValue::Ellipsis,
            other => {
                self.load_const(other, Dest::Push);
                let t = self.u.top();
                return self.u.emit(Op::Return, t, 0, 0);
            }
        };
        self.u.emit(Op::ReturnSpecial, special as u16, 0, 0);
    }
}
