//! Assignment: targets, unpacking, augmented assignment, `del`.
//!
//! The value is evaluated first, then the target's parts, as operands in place where possible. Unpacking puts the first item on
//! top, so that targets are stored from left to right.

use super::expr::binary_op;
use super::{Dest, Gen, Opd, Place, Res};
use hognose_bytecode::{Const, Op};
use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::Ranged;

impl<'a> Gen<'a> {
    /// Stores the topmost temporary in a variable.
    pub(super) fn store_top(&mut self, name: &str) -> Res {
        let name = self.mangled(name);
        self.store_top_mangled(&name);
        Ok(())
    }

    pub(super) fn store_top_mangled(&mut self, name: &str) {
        let top = self.top_operand();
        self.store_operand(name, top);
    }

    /// Stores an operand in a variable.
    fn store_operand(&mut self, name: &str, v: Opd) {
        match self.place(name) {
            Place::Local(r) => {
                self.u.emit(if v.temp { Op::MoveL } else { Op::CopyL }, r, v.reg, 0);
                self.u.bound.insert(r);
            }
            Place::Deref(c) | Place::ClassDeref(c) | Place::DictOrDeref(c) => {
                self.u.emit(Op::StoreDeref, c, v.reg, 0)
            }
            Place::Global | Place::DictOrGlobal => {
                let n = self.u.name_wide(name);
                self.u.emit_wide(Op::StoreGlobal, v.reg, n);
            }
            Place::Name => {
                let n = self.u.name_wide(name);
                self.u.emit_wide(Op::StoreName, v.reg, n);
            }
        }
        self.u.drop_temps(u16::from(v.temp));
    }

    pub(super) fn assign(&mut self, a: &'a ast::StmtAssign) -> Res {
        if let [target] = &a.targets[..] {
            return self.assign_one(target, &a.value);
        }
        let Some((last, first)) = a.targets.split_last() else { return Ok(()) };
        self.push(&a.value)?;
        for t in first {
            self.duplicate(self.u.depth - 1);
            self.store_target(t)?;
        }
        self.store_target(last)
    }

    /// `target = value`.
    pub(super) fn assign_one(&mut self, target: &'a Expr, value: &'a Expr) -> Res {
        match target {
            Expr::Name(n) => {
                self.check_assignable(&n.id, n.range)?;
                let name = self.mangled(&n.id);
                if let Place::Local(r) = self.place(&name) {
                    return self.expr(value, Dest::Local(r));
                }
                let v = self.operand(value, &[])?;
                self.at(n.range, |g| g.store_operand(&name, v));
                Ok(())
            }
            Expr::Attribute(a) => {
                let v = self.operand(value, &[&a.value])?;
                self.store_attribute(a, v)
            }
            Expr::Subscript(s) => {
                let v = self.operand(value, &[&s.value, &s.slice])?;
                self.store_subscript(s, v)
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                if self.swap_assign(elts, value)? {
                    return Ok(());
                }
                self.push(value)?;
                self.store_target(target)
            }
            _ => {
                self.push(value)?;
                self.store_target(target)
            }
        }
    }

    /// `a, b = b, a` without a tuple. Gives false if it is something else.
    fn swap_assign(&mut self, targets: &'a [Expr], value: &'a Expr) -> Res<bool> {
        let Expr::Tuple(ast::ExprTuple { elts, .. }) = value else { return Ok(false) };
        let star = elts.iter().chain(targets).any(Expr::is_starred_expr);
        if star || elts.len() != targets.len() || elts.len() > 8 || elts.is_empty() {
            return Ok(false);
        }
        let from = self.u.depth;
        elts.iter().try_for_each(|e| self.push(e))?;
        let n = elts.len() as u16;
        for i in 0..n / 2 {
            let (low, high) = (self.u.temp(from + i), self.u.temp(from + n - 1 - i));
            self.u.emit(Op::SwapTemps, low, high, 0);
        }
        targets.iter().try_for_each(|t| self.store_target(t))?;
        Ok(true)
    }

    fn store_attribute(&mut self, a: &'a ast::ExprAttribute, v: Opd) -> Res {
        self.check_assignable(&a.attr, a.range)?;
        let object = self.operand(&a.value, &[])?;
        let name = self.mangled(&a.attr);
        let n = self.u.name(&name);
        let range = self.attribute_range(a, a.range);
        self.at(range, |g| g.u.emit(Op::StoreAttr, object.reg, v.reg, n));
        self.u.drop_temps(u16::from(object.temp) + u16::from(v.temp));
        Ok(())
    }

    fn store_subscript(&mut self, s: &'a ast::ExprSubscript, v: Opd) -> Res {
        let container = self.operand(&s.value, &[&s.slice])?;
        let key = self.operand(&s.slice, &[])?;
        self.at(s.range, |g| g.u.emit(Op::SetItem, container.reg, key.reg, v.reg));
        self.u.drop_temps(u16::from(container.temp) + u16::from(key.temp) + u16::from(v.temp));
        Ok(())
    }

    /// Stores the topmost temporary in a target.
    pub(super) fn store_target(&mut self, t: &'a Expr) -> Res {
        let outer = std::mem::replace(&mut self.u.range, t.range());
        match t {
            Expr::Name(n) => {
                self.check_assignable(&n.id, n.range)?;
                self.store_top(&n.id)?;
            }
            Expr::Attribute(a) => {
                let v = self.top_operand();
                self.store_attribute(a, v)?;
            }
            Expr::Subscript(s) => {
                let v = self.top_operand();
                self.store_subscript(s, v)?;
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                self.unpack(elts, t)?
            }
            Expr::Starred(s) => {
                return self.fail("starred assignment target must be in a list or tuple", s.range);
            }
            other => return self.fail("cannot assign to this expression", other.range()),
        }
        self.u.range = outer;
        Ok(())
    }

    /// Unpacks the topmost temporary into targets.
    fn unpack(&mut self, elts: &'a [Expr], whole: &Expr) -> Res {
        let mut stars = elts.iter().enumerate().filter(|(_, e)| e.is_starred_expr());
        let star = stars.next();
        if stars.next().is_some() {
            return self.fail("multiple starred expressions in assignment", whole.range());
        }
        let n = elts.len();
        let t = self.u.top();
        if n + usize::from(self.u.depth) + usize::from(self.u.code.nlocals) > 0xf000 {
            return self.fail("too many expressions in assignment", whole.range());
        }
        let (op, count) = match star {
            None => (Op::UnpackRev, n),
            Some((i, _)) if i < 256 && n - i - 1 < 256 => (Op::UnpackExRev, i | (n - i - 1) << 8),
            Some(_) => return self.fail("too many expressions in star-unpacking assignment", whole.range()),
        };
        self.emit_unpack(op, t, count as u16, n as u16);
        for e in elts {
            match e {
                Expr::Starred(s) => self.store_target(&s.value)?,
                e => self.store_target(e)?,
            }
        }
        Ok(())
    }

    /// Emits an unpacking of the topmost temporary `t` into `n`.
    pub(super) fn emit_unpack(&mut self, op: Op, t: u16, count: u16, n: u16) {
        let depth = self.u.depth;
        self.u.grow(n);
        self.u.depth = depth;
        self.u.emit(op, t, t, count);
        self.u.drop_temps(1);
        self.u.grow(n);
    }

    /// `target op= value`.
    pub(super) fn aug_assign(&mut self, a: &'a ast::StmtAugAssign) -> Res {
        let range = a.range;
        match &*a.target {
            Expr::Name(n) => {
                self.check_assignable(&n.id, n.range)?;
                let name = self.mangled(&n.id);
                let place = self.place(&name);
                let target = self.operand(&a.target, &[&a.value])?;
                let dest = if let Place::Local(r) = place { Dest::Local(r) } else { Dest::Push };
                self.aug_value(a, target, dest)?;
                if dest == Dest::Push {
                    self.at(n.range, |g| g.store_top_mangled(&name));
                }
            }
            Expr::Attribute(t) => {
                self.check_assignable(&t.attr, t.range)?;
                let object = self.operand(&t.value, &[&a.value])?;
                let name = self.mangled(&t.attr);
                let n = self.u.name(&name);
                self.u.range = self.attribute_range(t, t.range);
                let copy = self.kept(object);
                self.finish_op(Op::LoadAttr, copy, None, n, Dest::Push);
                let v = self.top_operand();
                self.aug_value(a, v, Dest::Push)?;
                self.u.range = self.attribute_range(t, t.range);
                let v = self.u.top();
                self.u.emit(Op::StoreAttr, object.reg, v, n);
                self.u.drop_temps(1 + u16::from(object.temp));
            }
            Expr::Subscript(t) => {
                let container = self.operand(&t.value, &[&t.slice, &a.value])?;
                let key = self.operand(&t.slice, &[&a.value])?;
                self.u.range = t.range;
                let c = self.kept(container);
                let k = self.kept(key);
                self.finish_op(Op::GetItem, c, Some(k), 0, Dest::Push);
                let v = self.top_operand();
                self.aug_value(a, v, Dest::Push)?;
                self.u.range = t.range;
                let v = self.u.top();
                self.u.emit(Op::SetItem, container.reg, key.reg, v);
                self.u.drop_temps(1 + u16::from(container.temp) + u16::from(key.temp));
            }
            other => return self.fail("illegal expression for augmented assignment", other.range()),
        }
        self.u.range = range;
        Ok(())
    }

    /// An operand to consume where the original is needed again.
    fn kept(&mut self, v: Opd) -> Opd {
        if !v.temp {
            return v;
        }
        let t = self.u.next_temp();
        self.u.emit(Op::Copy, t, v.reg, 0);
        Opd { reg: self.u.push(), temp: true }
    }

    fn aug_value(&mut self, a: &'a ast::StmtAugAssign, left: Opd, dest: Dest) -> Res {
        if matches!(a.op, Operator::Add | Operator::Sub)
            && let Some(i) = self.immediate(&a.value)
        {
            self.u.range = a.range;
            let op = if a.op == Operator::Add { Op::IAddI } else { Op::ISubI };
            self.finish_op(op, left, None, i, dest);
            return Ok(());
        }
        let right = self.operand(&a.value, &[])?;
        self.u.range = a.range;
        self.finish_op(binary_op(a.op, true), left, Some(right), 0, dest);
        Ok(())
    }

    /// `del target`.
    pub(super) fn delete(&mut self, t: &'a Expr) -> Res {
        let outer = std::mem::replace(&mut self.u.range, t.range());
        match t {
            Expr::Name(n) => {
                if n.id.as_str() == "__debug__" {
                    return self.fail("cannot delete __debug__", n.range);
                }
                let name = self.mangled(&n.id);
                self.delete_name(&name);
            }
            Expr::Attribute(a) => {
                let object = self.operand(&a.value, &[])?;
                let name = self.mangled(&a.attr);
                let n = self.u.name(&name);
                self.u.range = a.range;
                self.u.emit(Op::DelAttr, object.reg, 0, n);
                self.u.drop_temps(u16::from(object.temp));
            }
            Expr::Subscript(s) => {
                let container = self.operand(&s.value, &[&s.slice])?;
                let key = self.operand(&s.slice, &[])?;
                self.u.range = s.range;
                self.u.emit(Op::DelItem, container.reg, key.reg, 0);
                self.u.drop_temps(u16::from(container.temp) + u16::from(key.temp));
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().try_for_each(|e| self.delete(e))?;
            }
            other => return self.fail("cannot delete this expression", other.range()),
        }
        self.u.range = outer;
        Ok(())
    }

    /// Unbinds a (mangled) variable.
    pub(super) fn delete_name(&mut self, name: &str) {
        let n = self.u.name_wide(name);
        match self.place(name) {
            Place::Local(r) => {
                self.u.emit_wide(Op::DelLocal, r, n);
                self.u.bound.remove(r);
            }
            Place::Deref(c) | Place::ClassDeref(c) | Place::DictOrDeref(c) => {
                let n = self.u.name(name);
                self.u.emit(Op::DelDeref, c, 0, n);
            }
            Place::Global | Place::DictOrGlobal => self.u.emit_wide(Op::DelGlobal, 0, n),
            Place::Name => self.u.emit_wide(Op::DelName, 0, n),
        }
    }

    /// A constant tuple of texts.
    pub(super) fn names_tuple<'s>(&mut self, names: impl Iterator<Item = &'s str>) -> Const {
        Const::Tuple(names.map(super::call::text).collect())
    }
}
