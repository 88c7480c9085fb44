//! Expressions.
//!
//! `expr(e, dest)` puts the value where it is wanted; `operand(e, later)` gives a register to read: a bound local in place, or
//! a new temporary. `later` are the expressions evaluated before the operand is read: if they rebind the local it is copied.

use super::{Dest, Gen, Opd, Place, Res};
use hognose_bytecode::{Const, Op, SpecialValue};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Operator, UnaryOp};
use ruff_text_size::Ranged;

/// Names bound by `:=` in an expression.
pub(super) fn walrus_names(e: &Expr) -> Vec<&str> {
    struct Find<'a>(Vec<&'a str>);
    impl<'a> Visitor<'a> for Find<'a> {
        fn visit_expr(&mut self, e: &'a Expr) {
            if let Expr::Named(n) = e
                && let Expr::Name(t) = &*n.target
            {
                self.0.push(t.id.as_str());
            }
            if !e.is_lambda_expr() {
                visitor::walk_expr(self, e);
            }
        }
    }
    let mut f = Find(Vec::new());
    f.visit_expr(e);
    f.0
}

/// The instruction of a binary operator, plain and in place.
pub(super) fn binary_op(op: Operator, in_place: bool) -> Op {
    let (plain, own) = match op {
        Operator::Add => (Op::Add, Op::IAdd),
        Operator::Sub => (Op::Sub, Op::ISub),
        Operator::Mult => (Op::Mul, Op::IMul),
        Operator::MatMult => (Op::MatMul, Op::IMatMul),
        Operator::Div => (Op::TrueDiv, Op::ITrueDiv),
        Operator::Mod => (Op::Mod, Op::IMod),
        Operator::Pow => (Op::Pow, Op::IPow),
        Operator::LShift => (Op::LShift, Op::ILShift),
        Operator::RShift => (Op::RShift, Op::IRShift),
        Operator::BitOr => (Op::Or, Op::IOr),
        Operator::BitXor => (Op::Xor, Op::IXor),
        Operator::BitAnd => (Op::And, Op::IAnd),
        Operator::FloorDiv => (Op::FloorDiv, Op::IFloorDiv),
    };
    if in_place { own } else { plain }
}

impl<'a> Gen<'a> {
    /// Evaluates into the next temporary.
    pub(super) fn push(&mut self, e: &'a Expr) -> Res {
        self.expr(e, Dest::Push)
    }

    /// A small int that fits the immediate field.
    pub(super) fn immediate(&self, e: &Expr) -> Option<u16> {
        match self.fold(e)? {
            Const::Int(i) => i16::try_from(i).ok().map(|i| i as u16),
            _ => None,
        }
    }

    /// A register to read the value from.
    pub(super) fn operand(&mut self, e: &'a Expr, later: &[&Expr]) -> Res<Opd> {
        if let Expr::Name(n) = e
            && let Place::Local(r) = self.place(&self.mangled(&n.id))
            && !later.iter().any(|l| self.rebinds(l, r))
        {
            self.at(n.range, |g| g.check_local(r, &n.id));
            return Ok(Opd { reg: r, temp: false });
        }
        self.push(e)?;
        Ok(Opd { reg: self.u.top(), temp: true })
    }

    /// Makes sure local `r` is bound where control goes on.
    pub(super) fn check_local(&mut self, r: u16, name: &str) {
        if !self.u.bound.contains(r) {
            let n = self.mangled(name);
            let n = self.u.name_wide(&n);
            self.u.emit_wide(Op::CheckLocal, r, n);
            self.u.bound.insert(r);
        }
    }

    /// Evaluates an expression.
    pub(super) fn expr(&mut self, e: &'a Expr, dest: Dest) -> Res {
        let outer = std::mem::replace(&mut self.u.range, e.range());
        self.expr_inner(e, dest)?;
        self.u.range = outer;
        self.check_size()
    }

    /// Fails as soon as registers or names run out, before any count can wrap.
    pub(super) fn check_size(&self) -> Res {
        if self.u.too_large {
            return self.fail("code is too large: more than 65535 registers or names", self.u.range);
        }
        Ok(())
    }

    fn expr_inner(&mut self, e: &'a Expr, dest: Dest) -> Res {
        if let Some(c) = self.fold(e) {
            self.load_const(&c, dest);
            return Ok(());
        }
        match e {
            Expr::Name(n) => self.load_name(&n.id, dest),
            Expr::BinOp(b) => return self.binary(b, dest),
            Expr::UnaryOp(u) => return self.unary(u, dest),
            Expr::BoolOp(b) => return self.bool_op(b, dest),
            Expr::Compare(c) => return self.compare(c, dest),
            Expr::If(i) => return self.if_expr(i, dest),
            Expr::Call(c) => return self.call(c, dest),
            Expr::Attribute(a) => return self.attribute(a, dest),
            Expr::Subscript(s) => return self.subscript(s, dest),
            Expr::Named(n) => return self.named(n, dest),
            Expr::Lambda(l) => self.lambda(l)?,
            Expr::List(l) => self.list(&l.elts)?,
            Expr::Tuple(t) => self.tuple(&t.elts)?,
            Expr::Set(s) => self.set(&s.elts)?,
            Expr::Dict(d) => self.dict(d)?,
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(e)?
            }
            Expr::FString(f) => self.fstring(f)?,
            Expr::TString(t) => self.tstring(t)?,
            Expr::Yield(y) => self.yield_expr(y)?,
            Expr::YieldFrom(y) => self.yield_from(y)?,
            Expr::Await(a) => self.await_expr(a)?,
            Expr::Slice(s) => self.slice(s)?,
            Expr::Starred(s) => return self.fail("can't use starred expression here", s.range),
            other => return self.fail("this expression cannot be compiled", other.range()),
        }
        if !e.is_name_expr() {
            self.deliver(dest);
        }
        Ok(())
    }

    /// Loads a constant by the shortest instruction.
    pub(super) fn load_const(&mut self, c: &Const, dest: Dest) {
        let special = match c {
            Const::None => Some(SpecialValue::None),
            Const::Bool(false) => Some(SpecialValue::False),
            Const::Bool(true) => Some(SpecialValue::True),
            Const::Ellipsis => Some(SpecialValue::Ellipsis),
            _ => None,
        };
        let int = if let Const::Int(i) = c { i32::try_from(*i).ok() } else { None };
        let (local, r) = match dest {
            Dest::Push => (false, self.u.next_temp()),
            Dest::Local(r) => (true, r),
        };
        let op = |plain: Op, dual: Op| if local { dual } else { plain };
        if let Some(s) = special {
            self.u.emit(op(Op::LoadSpecialValue, Op::LoadSpecialValueL), r, s as u16, 0);
        } else if let Some(i) = int {
            self.u.emit_wide(op(Op::LoadInt, Op::LoadIntL), r, i);
        } else {
            let i = self.u.constant(c.clone());
            self.u.emit_wide(op(Op::LoadConst, Op::LoadConstL), r, i);
        }
        if local {
            self.u.bound.insert(r);
        } else {
            self.u.push();
        }
    }

    /// Loads None into the next temporary.
    pub(super) fn push_none(&mut self) {
        self.load_const(&Const::None, Dest::Push);
    }

    /// Loads a variable.
    pub(super) fn load_name(&mut self, name: &str, dest: Dest) {
        let name = self.mangled(name);
        self.load_mangled(&name, dest);
    }

    pub(super) fn load_mangled(&mut self, name: &str, dest: Dest) {
        let place = self.place(name);
        let t = self.u.next_temp();
        let (r, local) = match dest {
            Dest::Push => (t, false),
            Dest::Local(r) => (r, true),
        };
        match place {
            Place::Local(from) => {
                if !self.u.bound.contains(from) {
                    let n = self.u.name_wide(name);
                    self.u.emit_wide(Op::CheckLocal, from, n);
                    self.u.bound.insert(from);
                }
                if !(local && r == from) {
                    self.u.emit(if local { Op::CopyL } else { Op::Copy }, r, from, 0);
                }
            }
            Place::Deref(cell) => {
                let n = self.u.name(name);
                self.u.emit(if local { Op::LoadDerefL } else { Op::LoadDeref }, r, cell, n);
            }
            Place::Global => {
                let n = self.u.name_wide(name);
                self.u.emit_wide(if local { Op::LoadGlobalL } else { Op::LoadGlobal }, r, n);
            }
            Place::Name => {
                let n = self.u.name_wide(name);
                self.u.emit_wide(if local { Op::LoadNameL } else { Op::LoadName }, r, n);
            }
            Place::ClassDeref(_) | Place::DictOrDeref(_) | Place::DictOrGlobal => {
                self.load_class_name(name, place);
                return self.deliver(dest);
            }
        }
        if local {
            self.u.bound.insert(r);
        } else {
            self.u.push();
        }
    }

    fn load_class_name(&mut self, name: &str, place: Place) {
        let n = self.u.name(name);
        let t = self.u.next_temp();
        match place {
            Place::ClassDeref(cell) => self.u.emit(Op::LoadClassDeref, t, cell, n),
            _ => {
                let dict = self.u.free.get("__classdict__").copied().unwrap_or_default();
                let d = self.u.name("__classdict__");
                self.u.emit(Op::LoadDeref, t, dict, d);
                self.u.push();
                if let Place::DictOrDeref(cell) = place {
                    self.u.emit(Op::LoadFromDictOrDeref, t, cell, n);
                } else {
                    self.u.emit(Op::LoadFromDictOrGlobals, t, t, n);
                }
                return;
            }
        }
        self.u.push();
    }

    fn binary(&mut self, b: &'a ast::ExprBinOp, dest: Dest) -> Res {
        // `'…' % (…)` and other chains: the left side may be deep, the stack is sized for it.
        let small = matches!(b.op, Operator::Add | Operator::Sub).then(|| self.immediate(&b.right)).flatten();
        if let Some(i) = small {
            let left = self.operand(&b.left, &[])?;
            self.u.range = b.range;
            let op = if b.op == Operator::Add { Op::AddI } else { Op::SubI };
            self.finish_op(op, left, None, i, dest);
            return Ok(());
        }
        let left = self.operand(&b.left, &[&b.right])?;
        let right = self.operand(&b.right, &[])?;
        self.u.range = b.range;
        self.finish_op(binary_op(b.op, false), left, Some(right), 0, dest);
        Ok(())
    }

    fn unary(&mut self, u: &'a ast::ExprUnaryOp, dest: Dest) -> Res {
        let operand = self.operand(&u.operand, &[])?;
        self.u.range = u.range;
        let op = match u.op {
            UnaryOp::Invert => Op::Invert,
            UnaryOp::Not => Op::Not,
            UnaryOp::UAdd => Op::Pos,
            UnaryOp::USub => Op::Neg,
        };
        self.finish_op(op, operand, None, 0, dest);
        Ok(())
    }

    fn attribute(&mut self, a: &'a ast::ExprAttribute, dest: Dest) -> Res {
        if let Some(()) = self.super_attribute(a, false)? {
            self.deliver(dest);
            return Ok(());
        }
        let object = self.operand(&a.value, &[])?;
        self.u.range = self.attribute_range(a, a.range);
        let name = self.mangled(&a.attr);
        let n = self.u.name(&name);
        self.finish_op(Op::LoadAttr, object, None, n, dest);
        Ok(())
    }

    fn subscript(&mut self, s: &'a ast::ExprSubscript, dest: Dest) -> Res {
        if let Some(i) = self.immediate(&s.slice) {
            let container = self.operand(&s.value, &[])?;
            self.u.range = s.range;
            self.finish_op(Op::GetItemI, container, None, i, dest);
            return Ok(());
        }
        let container = self.operand(&s.value, &[&s.slice])?;
        let key = self.operand(&s.slice, &[])?;
        self.u.range = s.range;
        self.finish_op(Op::GetItem, container, Some(key), 0, dest);
        Ok(())
    }

    fn named(&mut self, n: &'a ast::ExprNamed, dest: Dest) -> Res {
        let Expr::Name(target) = &*n.target else {
            return self.fail("cannot use assignment expressions with this target", n.target.range());
        };
        let name = self.mangled(&target.id);
        self.check_assignable(&target.id, target.range)?;
        if let Place::Local(r) = self.place(&name) {
            self.expr(&n.value, Dest::Local(r))?;
            self.load_mangled(&name, dest);
            return Ok(());
        }
        self.push(&n.value)?;
        let t = self.u.top();
        let copy = self.u.push();
        self.u.drop_temps(1);
        self.u.emit(Op::Copy, copy, t, 0);
        self.u.push();
        self.store_top_mangled(&name);
        self.deliver(dest);
        Ok(())
    }

    /// Builds from temporaries `from..` (counted from the bottom) into the lowest of them.
    pub(super) fn build(&mut self, op: Op, from: u16, count: u16) {
        let t = self.u.temp(from);
        self.u.emit(op, t, t, count);
        self.u.drop_temps(self.u.depth - from);
        self.u.push();
    }

    fn slice(&mut self, s: &'a ast::ExprSlice) -> Res {
        let from = self.u.depth;
        for part in [&s.lower, &s.upper] {
            match part {
                Some(e) => self.push(e)?,
                None => self.push_none(),
            }
        }
        if let Some(step) = &s.step {
            self.push(step)?;
        }
        self.build(Op::BuildSlice, from, self.u.depth - from);
        Ok(())
    }

    /// Temporaries one display may take before it is built piecewise.
    const CHUNK: usize = 128;

    fn plain(elts: &[Expr]) -> bool {
        elts.len() <= Self::CHUNK && !elts.iter().any(Expr::is_starred_expr)
    }

    fn list(&mut self, elts: &'a [Expr]) -> Res {
        let from = self.u.depth;
        if elts.len() > 2
            && let Some(c) = elts.iter().map(|e| self.fold(e)).collect::<Option<Vec<_>>>()
        {
            self.build(Op::BuildList, from, 0);
            self.load_const(&Const::Tuple(c), Dest::Push);
            let (list, t) = (self.u.temp(from), self.u.top());
            self.u.emit(Op::ListExtend, list, t, 0);
            self.u.drop_temps(1);
            return Ok(());
        }
        if Self::plain(elts) {
            elts.iter().try_for_each(|e| self.push(e))?;
            self.build(Op::BuildList, from, elts.len() as u16);
            return Ok(());
        }
        self.stars(elts, Op::BuildList, Op::ListAppend, Op::ListExtend)
    }

    /// A list or set whose elements have stars or are many.
    fn stars(&mut self, elts: &'a [Expr], build: Op, append: Op, extend: Op) -> Res {
        let from = self.u.depth;
        let first = elts.iter().take(Self::CHUNK).take_while(|e| !e.is_starred_expr()).count();
        elts[..first].iter().try_for_each(|e| self.push(e))?;
        self.build(build, from, first as u16);
        let list = self.u.temp(from);
        for e in &elts[first..] {
            let (value, op) = match e {
                Expr::Starred(s) => (&*s.value, extend),
                e => (e, append),
            };
            let v = self.operand(value, &[])?;
            self.u.emit(op, list, v.reg, 0);
            self.u.drop_temps(u16::from(v.temp));
        }
        Ok(())
    }

    pub(super) fn tuple(&mut self, elts: &'a [Expr]) -> Res {
        let from = self.u.depth;
        if Self::plain(elts) {
            elts.iter().try_for_each(|e| self.push(e))?;
            self.build(Op::BuildTuple, from, elts.len() as u16);
            return Ok(());
        }
        self.stars(elts, Op::BuildList, Op::ListAppend, Op::ListExtend)?;
        self.build(Op::ListToTuple, from, 0);
        Ok(())
    }

    fn set(&mut self, elts: &'a [Expr]) -> Res {
        let from = self.u.depth;
        if elts.len() > 2
            && let Some(c) = elts.iter().map(|e| self.fold(e)).collect::<Option<Vec<_>>>()
        {
            self.build(Op::BuildSet, from, 0);
            self.load_const(&Const::FrozenSet(c), Dest::Push);
            let (set, t) = (self.u.temp(from), self.u.top());
            self.u.emit(Op::SetUpdate, set, t, 0);
            self.u.drop_temps(1);
            return Ok(());
        }
        if Self::plain(elts) {
            elts.iter().try_for_each(|e| self.push(e))?;
            self.build(Op::BuildSet, from, elts.len() as u16);
            return Ok(());
        }
        self.stars(elts, Op::BuildSet, Op::SetAdd, Op::SetUpdate)
    }

    fn dict(&mut self, d: &'a ast::ExprDict) -> Res {
        let from = self.u.depth;
        let first = d.items.iter().take(Self::CHUNK / 2).take_while(|i| i.key.is_some()).count();
        for item in &d.items[..first] {
            item.key.iter().try_for_each(|k| self.push(k))?;
            self.push(&item.value)?;
        }
        self.build(Op::BuildMap, from, first as u16);
        let dict = self.u.temp(from);
        for item in &d.items[first..] {
            match &item.key {
                Some(k) => {
                    let key = self.operand(k, &[&item.value])?;
                    let value = self.operand(&item.value, &[])?;
                    self.u.emit(Op::MapAdd, dict, key.reg, value.reg);
                    self.u.drop_temps(u16::from(key.temp) + u16::from(value.temp));
                }
                None => {
                    let v = self.operand(&item.value, &[])?;
                    self.u.emit(Op::DictUpdate, dict, v.reg, 0);
                    self.u.drop_temps(u16::from(v.temp));
                }
            }
        }
        Ok(())
    }
}
