//! Conditions: fused compare-and-branch, `and`, `or`, `not`, comparison chains, conditional expressions.
//!
//! A chain `a < b < c` keeps the shared operand: `[b, a, b']`, compare the upper two, then go on with `b`.

use super::emit::Label;
use super::{Dest, Gen, Opd, Res};
use hognose_bytecode::{Const, Op};
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

/// What a constant is worth as a condition.
pub(super) fn truth(c: &Const) -> bool {
    match c {
        Const::None => false,
        Const::Bool(b) => *b,
        Const::Ellipsis | Const::BigInt(_) | Const::Code(_) => true,
        Const::Int(i) => *i != 0,
        Const::Float(f) => *f != 0.0,
        Const::Complex(a, b) => *a != 0.0 || *b != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(v) | Const::FrozenSet(v) => !v.is_empty(),
    }
}

/// The instruction giving a value.
fn compare_op(op: CmpOp) -> Op {
    match op {
        CmpOp::Lt => Op::Lt,
        CmpOp::LtE => Op::Le,
        CmpOp::Eq => Op::Eq,
        CmpOp::NotEq => Op::Ne,
        CmpOp::Gt => Op::Gt,
        CmpOp::GtE => Op::Ge,
        CmpOp::Is => Op::Is,
        CmpOp::IsNot => Op::IsNot,
        CmpOp::In => Op::In,
        CmpOp::NotIn => Op::NotIn,
    }
}

/// The branch taken when the comparison is true or false: with a register, with a small int.
fn branch_op(op: CmpOp, when: bool) -> (Op, Option<Op>) {
    match (op, when) {
        (CmpOp::Lt, true) => (Op::JLtT, Some(Op::JLtIT)),
        (CmpOp::Lt, false) => (Op::JLtF, Some(Op::JLtIF)),
        (CmpOp::LtE, true) => (Op::JLeT, Some(Op::JLeIT)),
        (CmpOp::LtE, false) => (Op::JLeF, Some(Op::JLeIF)),
        (CmpOp::Eq, true) => (Op::JEqT, Some(Op::JEqIT)),
        (CmpOp::Eq, false) => (Op::JEqF, Some(Op::JEqIF)),
        (CmpOp::NotEq, true) => (Op::JNeT, Some(Op::JNeIT)),
        (CmpOp::NotEq, false) => (Op::JNeF, Some(Op::JNeIF)),
        (CmpOp::Gt, true) => (Op::JGtT, Some(Op::JGtIT)),
        (CmpOp::Gt, false) => (Op::JGtF, Some(Op::JGtIF)),
        (CmpOp::GtE, true) => (Op::JGeT, Some(Op::JGeIT)),
        (CmpOp::GtE, false) => (Op::JGeF, Some(Op::JGeIF)),
        (CmpOp::Is, true) | (CmpOp::IsNot, false) => (Op::JIsT, None),
        (CmpOp::Is, false) | (CmpOp::IsNot, true) => (Op::JIsF, None),
        (CmpOp::In, true) | (CmpOp::NotIn, false) => (Op::JInT, None),
        (CmpOp::In, false) | (CmpOp::NotIn, true) => (Op::JInF, None),
    }
}

impl<'a> Gen<'a> {
    /// Jumps to `to` when the truth of `e` is `when`, else falls through.
    pub(super) fn cond(&mut self, e: &'a Expr, to: Label, when: bool) -> Res {
        if let Some(c) = self.fold(e) {
            if truth(&c) == when {
                self.u.goto(to);
            }
            return Ok(());
        }
        match e {
            Expr::UnaryOp(u) if u.op == UnaryOp::Not => return self.cond(&u.operand, to, !when),
            Expr::BoolOp(b) => return self.cond_bool(b, to, when),
            Expr::Compare(c) => return self.at(c.range, |g| g.cond_compare(c, to, when)),
            Expr::If(i) => return self.cond_if(i, to, when),
            _ => {}
        }
        let v = self.operand(e, &[])?;
        self.at(e.range(), |g| g.branch(v, to, when));
        Ok(())
    }

    /// Consumes `v` and jumps when its truth is `when`.
    pub(super) fn branch(&mut self, v: Opd, to: Label, when: bool) {
        let after = self.u.depth - u16::from(v.temp);
        self.u.jump(if when { Op::JTrue } else { Op::JFalse }, v.reg, 0, to, after);
        self.u.depth = after;
    }

    fn cond_bool(&mut self, b: &'a ast::ExprBoolOp, to: Label, when: bool) -> Res {
        let Some((last, first)) = b.values.split_last() else { return Ok(()) };
        let decisive = b.op == BoolOp::Or;
        if decisive == when {
            first.iter().try_for_each(|v| self.cond(v, to, when))?;
            return self.cond(last, to, when);
        }
        let past = self.u.label();
        first.iter().try_for_each(|v| self.cond(v, past, decisive))?;
        self.cond(last, to, when)?;
        self.u.bind(past);
        Ok(())
    }

    fn cond_if(&mut self, i: &'a ast::ExprIf, to: Label, when: bool) -> Res {
        let (other, end) = (self.u.label(), self.u.label());
        self.cond(&i.test, other, false)?;
        self.cond(&i.body, to, when)?;
        self.u.goto(end);
        self.u.bind(other);
        self.cond(&i.orelse, to, when)?;
        self.u.bind(end);
        Ok(())
    }

    fn cond_compare(&mut self, c: &'a ast::ExprCompare, to: Label, when: bool) -> Res {
        if let ([op], [right]) = (&*c.ops, &*c.comparators) {
            return self.cond_single(&c.left, *op, right, to, when);
        }
        let (fail, end) = (self.u.label(), self.u.label());
        self.push(&c.left)?;
        let last = c.ops.len() - 1;
        for (op, right) in c.ops[..last].iter().zip(&c.comparators) {
            // [a] → [b, a, b'] → compare the upper two → [b]
            self.chain_operand(right)?;
            let (a, b) = (self.u.temp(self.u.depth - 2), self.u.top());
            self.fused(*op, a, b, 2, fail, false);
        }
        // [b] → [b, c]
        self.push(&c.comparators[last])?;
        let (a, b) = (self.u.temp(self.u.depth - 2), self.u.top());
        self.fused(c.ops[last], a, b, 2, to, when);
        self.u.goto(end);
        // Here the shared operand is left over.
        self.u.grow(1);
        self.u.bind(fail);
        self.release_top();
        if !when {
            self.u.goto(to);
        }
        self.u.bind(end);
        Ok(())
    }

    /// `[a]` becomes `[b, a, b']`.
    fn chain_operand(&mut self, e: &'a Expr) -> Res {
        self.push(e)?;
        let (low, high) = (self.u.temp(self.u.depth - 2), self.u.top());
        self.u.emit(Op::SwapTemps, low, high, 0);
        let t = self.u.next_temp();
        self.u.emit(Op::Copy, t, low, 0);
        self.u.push();
        Ok(())
    }

    /// Fused comparison of two registers, `consumed` of them temporaries.
    fn fused(&mut self, op: CmpOp, a: u16, b: u16, consumed: u16, to: Label, when: bool) {
        let after = self.u.depth - consumed;
        if self.wide {
            let t = self.u.temp(after);
            self.u.emit(compare_op(op), t, a, b);
            self.u.depth = after;
            let reg = self.u.push();
            return self.branch(Opd { reg, temp: true }, to, when);
        }
        self.u.jump(branch_op(op, when).0, a, b, to, after);
        self.u.depth = after;
    }

    fn cond_single(&mut self, left: &'a Expr, op: CmpOp, right: &'a Expr, to: Label, when: bool) -> Res {
        let range = self.u.range;
        if right.is_none_literal_expr() && matches!(op, CmpOp::Is | CmpOp::IsNot) {
            let v = self.operand(left, &[])?;
            let after = self.u.depth - u16::from(v.temp);
            self.u.range = range;
            let jump_none = (op == CmpOp::Is) == when;
            self.u.jump(if jump_none { Op::JNone } else { Op::JNotNone }, v.reg, 0, to, after);
            self.u.depth = after;
            return Ok(());
        }
        let small = branch_op(op, when).1.zip(self.immediate(right)).filter(|_| !self.wide);
        if let Some((jump, i)) = small {
            let v = self.operand(left, &[])?;
            let after = self.u.depth - u16::from(v.temp);
            self.u.range = range;
            self.u.jump(jump, v.reg, i, to, after);
            self.u.depth = after;
            return Ok(());
        }
        let a = self.operand(left, &[right])?;
        let b = self.comparand(op, right)?;
        self.u.range = range;
        self.fused(op, a.reg, b.reg, u16::from(a.temp) + u16::from(b.temp), to, when);
        Ok(())
    }

    /// The right side of a comparison: displays of constants after `in` are constants.
    fn comparand(&mut self, op: CmpOp, right: &'a Expr) -> Res<Opd> {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let constants =
                |g: &Self, elts: &[Expr]| elts.iter().map(|e| g.fold(e)).collect::<Option<Vec<_>>>();
            let c = match right {
                Expr::List(l) => constants(self, &l.elts).map(Const::Tuple),
                Expr::Set(s) => constants(self, &s.elts).map(Const::FrozenSet),
                _ => None,
            };
            if let Some(c) = c {
                self.at(right.range(), |g| g.load_const(&c, Dest::Push));
                return Ok(Opd { reg: self.u.top(), temp: true });
            }
        }
        self.operand(right, &[])
    }

    /// The value of a comparison.
    pub(super) fn compare(&mut self, c: &'a ast::ExprCompare, dest: Dest) -> Res {
        if let ([op], [right]) = (&*c.ops, &*c.comparators) {
            let a = self.operand(&c.left, &[right])?;
            let b = self.comparand(*op, right)?;
            self.u.range = c.range;
            self.finish_op(compare_op(*op), a, Some(b), 0, dest);
            return Ok(());
        }
        let (fail, end) = (self.u.label(), self.u.label());
        self.push(&c.left)?;
        let last = c.ops.len() - 1;
        for (op, right) in c.ops[..last].iter().zip(&c.comparators) {
            self.chain_operand(right)?;
            self.u.range = c.range;
            // [b, a, b'] → [b, result]
            let (a, b) = (self.u.temp(self.u.depth - 2), self.u.top());
            self.u.emit(compare_op(*op), a, a, b);
            self.u.drop_temps(1);
            let depth = self.u.depth;
            self.u.jump(Op::JFalseKeep, a, 0, fail, depth);
            self.u.drop_temps(1);
        }
        let b = self.operand(&c.comparators[last], &[])?;
        self.u.range = c.range;
        let a = Opd { reg: self.u.temp(self.u.depth - 1 - u16::from(b.temp)), temp: true };
        self.finish_op(compare_op(c.ops[last]), a, Some(b), 0, Dest::Push);
        self.u.goto(end);
        self.u.grow(1);
        self.u.bind(fail);
        let (low, high) = (self.u.temp(self.u.depth - 2), self.u.top());
        self.u.emit(Op::SwapTemps, low, high, 0);
        self.release_top();
        self.u.bind(end);
        self.deliver(dest);
        Ok(())
    }

    /// The value of `and`/`or`.
    pub(super) fn bool_op(&mut self, b: &'a ast::ExprBoolOp, dest: Dest) -> Res {
        let end = self.u.label();
        let Some((last, first)) = b.values.split_last() else { return Ok(()) };
        let op = if b.op == BoolOp::Or { Op::JTrueKeep } else { Op::JFalseKeep };
        for v in first {
            if let Some(c) = self.fold(v) {
                // A constant either decides or drops out.
                if truth(&c) == (b.op == BoolOp::Or) {
                    self.load_const(&c, Dest::Push);
                    self.u.goto(end);
                    self.u.drop_temps(1);
                }
                continue;
            }
            self.push(v)?;
            let (t, depth) = (self.u.top(), self.u.depth);
            self.at(b.range, |g| g.u.jump(op, t, 0, end, depth));
            self.u.drop_temps(1);
        }
        self.push(last)?;
        self.u.bind(end);
        self.deliver(dest);
        Ok(())
    }

    /// `a if test else b`.
    pub(super) fn if_expr(&mut self, i: &'a ast::ExprIf, dest: Dest) -> Res {
        if let Some(c) = self.fold(&i.test) {
            return self.expr(if truth(&c) { &i.body } else { &i.orelse }, dest);
        }
        let (other, end) = (self.u.label(), self.u.label());
        self.cond(&i.test, other, false)?;
        self.expr(&i.body, dest)?;
        self.u.goto(end);
        if dest == Dest::Push {
            self.u.drop_temps(1);
        }
        self.u.bind(other);
        self.expr(&i.orelse, dest)?;
        self.u.bind(end);
        Ok(())
    }

    /// A source range from one node to another.
    pub(super) fn span(from: &impl Ranged, to: &impl Ranged) -> TextRange {
        TextRange::new(from.start(), to.end().max(from.start()))
    }
}
