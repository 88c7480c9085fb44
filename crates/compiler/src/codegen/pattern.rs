//! `match`.
//!
//! `[subject, slots …, work …]`: captured values wait in slots (the first name's slot is the highest) until the whole pattern
//! has matched. A sub-pattern consumes the topmost temporary; on failure control goes to the label for the number of
//! temporaries above `base`, where they are released one after the other.

use super::emit::Label;
use super::{Dest, Gen, Opd, Res};
use hognose_bytecode::{Const, Op};
use ruff_python_ast::{self as ast, CmpOp, Expr, Identifier, Pattern, Singleton};
use ruff_text_size::{Ranged, TextRange};
use std::collections::BTreeSet;

/// Names of a case and parts of a mapping or class pattern.
const MAX_PARTS: usize = 2000;

/// Where failures go.
struct Fail {
    base: u16,
    labels: Vec<Label>,
}

/// The captures of one case.
struct Slots<'a> {
    names: Vec<&'a str>,
    /// Number of the first slot's temporary.
    first: u16,
}

impl Slots<'_> {
    fn of(&self, name: &str) -> u16 {
        let i = self.names.iter().position(|n| *n == name).unwrap_or(0);
        self.first + (self.names.len().max(1) - 1 - i) as u16
    }
}

impl<'a> Gen<'a> {
    pub(super) fn match_stmt(&mut self, m: &'a ast::StmtMatch) -> Res {
        let end = self.u.label();
        let from = self.u.depth;
        self.push(&m.subject)?;
        for (i, case) in m.cases.iter().enumerate() {
            let last = i + 1 == m.cases.len();
            if case.guard.is_none() && !last {
                self.check_irrefutable(&case.pattern)?;
            }
            let next = self.case(case, from, end)?;
            self.u.depth = from + 1;
            self.u.bind(next);
        }
        self.mark(m);
        self.release_top();
        self.u.bind(end);
        Ok(())
    }

    /// One case; the subject is temporary number `from`. Gives the label where control goes if it does not match.
    fn case(&mut self, case: &'a ast::MatchCase, from: u16, end: Label) -> Res<Label> {
        let next = self.u.label();
        let mut names = Vec::new();
        self.captures(&case.pattern, &mut names)?;
        self.u.range = case.pattern.range();
        if names.len() > MAX_PARTS {
            return self.fail("too many names in a pattern", case.pattern.range());
        }
        let slots = Slots { first: self.u.depth, names };
        for _ in &slots.names {
            self.push_null();
        }
        let mut fail = Fail { base: from + 1, labels: vec![next] };
        self.duplicate(from);
        self.pattern(&case.pattern, &slots, &mut fail)?;
        for n in &slots.names {
            self.u.range = case.pattern.range();
            self.store_top(n)?;
        }
        if let Some(g) = &case.guard {
            self.cond(g, next, false)?;
        }
        self.release_top();
        self.body(&case.body)?;
        self.u.goto(end);
        // The labels of failures, deepest first.
        self.u.range = case.pattern.range();
        for (extra, l) in fail.labels.iter().enumerate().skip(1).rev() {
            self.u.depth = from + 1 + extra as u16;
            self.u.bind(*l);
            self.release_top();
        }
        self.u.depth = from + 1;
        Ok(next)
    }

    fn check_irrefutable(&self, p: &Pattern) -> Res {
        let what = match p {
            Pattern::MatchAs(a) => match (&a.pattern, &a.name) {
                (None, Some(n)) => format!("name capture '{n}'"),
                (None, None) => "wildcard".to_string(),
                (Some(p), _) => return self.check_irrefutable(p),
            },
            Pattern::MatchOr(o) => return o.patterns.last().map_or(Ok(()), |p| self.check_irrefutable(p)),
            _ => return Ok(()),
        };
        self.fail(format!("{what} makes remaining patterns unreachable"), p.range())
    }

    /// Names captured by a pattern, in order; each once.
    fn captures(&self, p: &'a Pattern, names: &mut Vec<&'a str>) -> Res {
        match p {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(s) => s.patterns.iter().try_for_each(|p| self.captures(p, names))?,
            Pattern::MatchMapping(m) => {
                m.patterns.iter().try_for_each(|p| self.captures(p, names))?;
                m.rest.iter().try_for_each(|n| self.capture_name(n, names))?;
            }
            Pattern::MatchClass(c) => {
                c.arguments.patterns.iter().try_for_each(|p| self.captures(p, names))?;
                c.arguments.keywords.iter().try_for_each(|k| self.captures(&k.pattern, names))?;
            }
            Pattern::MatchStar(s) => s.name.iter().try_for_each(|n| self.capture_name(n, names))?,
            Pattern::MatchAs(a) => {
                a.pattern.iter().try_for_each(|p| self.captures(p, names))?;
                a.name.iter().try_for_each(|n| self.capture_name(n, names))?;
            }
            Pattern::MatchOr(o) => self.or_captures(o, names)?,
        }
        Ok(())
    }

    fn or_captures(&self, o: &'a ast::PatternMatchOr, names: &mut Vec<&'a str>) -> Res {
        let mut first: Option<Vec<&'a str>> = None;
        for (i, p) in o.patterns.iter().enumerate() {
            if i + 1 < o.patterns.len() {
                self.check_irrefutable(p)?;
            }
            let mut own = Vec::new();
            self.captures(p, &mut own)?;
            match &first {
                None => first = Some(own),
                Some(f) if f.iter().collect::<BTreeSet<_>>() == own.iter().collect() => {}
                Some(_) => return self.fail("alternative patterns bind different names", o.range),
            }
        }
        for n in first.unwrap_or_default() {
            if names.contains(&n) {
                return self.fail(format!("multiple assignments to name '{n}' in pattern"), o.range);
            }
            names.push(n);
        }
        Ok(())
    }

    fn capture_name(&self, n: &'a Identifier, names: &mut Vec<&'a str>) -> Res {
        self.check_assignable(n, n.range)?;
        if names.contains(&n.as_str()) {
            return self.fail(format!("multiple assignments to name '{n}' in pattern"), n.range);
        }
        names.push(n);
        Ok(())
    }

    /// The label for failing with `depth` live temporaries.
    fn failure(&mut self, f: &mut Fail, depth: u16) -> Label {
        let extra = usize::from(depth - f.base);
        while f.labels.len() <= extra {
            let l = self.u.label();
            f.labels.push(l);
        }
        f.labels[extra]
    }

    /// Fails unless the topmost temporary, consumed, is true.
    fn require(&mut self, f: &mut Fail) {
        let l = self.failure(f, self.u.depth - 1);
        let v = self.top_operand();
        self.branch(v, l, false);
    }

    /// Matches and consumes the topmost temporary.
    fn pattern(&mut self, p: &'a Pattern, s: &Slots<'a>, f: &mut Fail) -> Res {
        self.u.range = p.range();
        match p {
            Pattern::MatchValue(v) => {
                self.check_pattern_value(&v.value)?;
                let right = self.operand(&v.value, &[])?;
                self.u.range = p.range();
                let left = Opd { reg: self.u.temp(self.u.depth - 1 - u16::from(right.temp)), temp: true };
                self.finish_op(Op::Eq, left, Some(right), 0, Dest::Push);
                self.require(f);
            }
            Pattern::MatchSingleton(v) => {
                let c = match v.value {
                    Singleton::None => Const::None,
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                self.load_const(&c, Dest::Push);
                let (left, right) = (self.u.temp(self.u.depth - 2), self.u.top());
                self.u.emit(Op::Is, left, left, right);
                self.u.drop_temps(1);
                self.require(f);
            }
            Pattern::MatchAs(a) => match (&a.pattern, &a.name) {
                (None, None) => self.release_top(),
                (None, Some(n)) => self.capture(n, s),
                (Some(inner), n) => {
                    self.duplicate(self.u.depth - 1);
                    self.pattern(inner, s, f)?;
                    match n {
                        Some(n) => self.capture(n, s),
                        None => self.release_top(),
                    }
                }
            },
            Pattern::MatchStar(a) => match &a.name {
                Some(n) => self.capture(n, s),
                None => self.release_top(),
            },
            Pattern::MatchOr(o) => self.or_pattern(o, s, f)?,
            Pattern::MatchSequence(q) => self.sequence(q, s, f)?,
            Pattern::MatchMapping(m) => self.mapping(m, s, f)?,
            Pattern::MatchClass(c) => self.class_pattern(c, s, f)?,
        }
        Ok(())
    }

    fn check_pattern_value(&self, e: &Expr) -> Res {
        let ok = e.is_attribute_expr() || (!e.is_f_string_expr() && self.fold(e).is_some());
        if ok {
            Ok(())
        } else {
            self.fail("patterns may only match literals and attribute lookups", e.range())
        }
    }

    /// Moves the topmost temporary into its slot.
    fn capture(&mut self, n: &str, s: &Slots<'a>) {
        let (slot, top) = (self.u.temp(s.of(n)), self.u.top());
        self.u.emit(Op::SwapTemps, slot, top, 0);
        self.release_top();
    }

    fn or_pattern(&mut self, o: &'a ast::PatternMatchOr, s: &Slots<'a>, f: &mut Fail) -> Res {
        let end = self.u.label();
        let depth = self.u.depth;
        let Some((last, first)) = o.patterns.split_last() else { return Ok(()) };
        for p in first {
            let next = self.u.label();
            let mut own = Fail { base: depth, labels: vec![next] };
            self.duplicate(depth - 1);
            self.pattern(p, s, &mut own)?;
            self.release_top();
            self.u.goto(end);
            for (extra, l) in own.labels.iter().enumerate().skip(1).rev() {
                self.u.depth = depth + extra as u16;
                self.u.bind(*l);
                self.release_top();
            }
            self.u.depth = depth;
            self.u.bind(next);
        }
        self.pattern(last, s, f)?;
        self.u.bind(end);
        Ok(())
    }

    /// `[v]` becomes `[v, len(v)]`, compared with `n`.
    fn require_len(&mut self, op: CmpOp, n: usize, f: &mut Fail) {
        let (t, v) = (self.u.next_temp(), self.u.top());
        self.u.emit(Op::GetLen, t, v, 0);
        self.u.push();
        self.load_const(&Const::Int(n as i64), Dest::Push);
        let right = self.u.top();
        self.u.emit(if op == CmpOp::Eq { Op::Eq } else { Op::Ge }, t, t, right);
        self.u.drop_temps(1);
        self.require(f);
    }

    fn sequence(&mut self, q: &'a ast::PatternMatchSequence, s: &Slots<'a>, f: &mut Fail) -> Res {
        let n = q.patterns.len();
        let stars: Vec<usize> = (0..n).filter(|&i| q.patterns[i].is_match_star()).collect();
        if stars.len() > 1 {
            return self.fail("multiple starred names in sequence pattern", q.range);
        }
        let star = stars.first().copied();
        let (t, v) = (self.u.next_temp(), self.u.top());
        self.u.emit(Op::MatchSequence, t, v, 0);
        self.u.push();
        self.require(f);
        match star {
            None => self.require_len(CmpOp::Eq, n, f),
            Some(_) if n > 1 => self.require_len(CmpOp::GtE, n - 1, f),
            Some(_) => {}
        }
        let wild = |p: &Pattern| match p {
            Pattern::MatchAs(a) => a.name.is_none() && a.pattern.is_none(),
            Pattern::MatchStar(a) => a.name.is_none(),
            _ => false,
        };
        if q.patterns.iter().all(wild) {
            self.release_top();
            return Ok(());
        }
        if let Some(i) = star
            && wild(&q.patterns[i])
        {
            return self.sequence_items(q, i, s, f);
        }
        let op = if star.is_some() { Op::UnpackExRev } else { Op::UnpackRev };
        let count = star.map_or(n, |i| i | (n - i - 1) << 8);
        if n > 255 {
            return self.fail("too many expressions in star-unpacking sequence pattern", q.range);
        }
        let v = self.u.top();
        self.emit_unpack(op, v, count as u16, n as u16);
        q.patterns.iter().try_for_each(|p| self.pattern(p, s, f))
    }

    /// A sequence with a `*_` is read by subscripts.
    fn sequence_items(
        &mut self,
        q: &'a ast::PatternMatchSequence,
        star: usize,
        s: &Slots<'a>,
        f: &mut Fail,
    ) -> Res {
        let n = q.patterns.len();
        for (i, p) in q.patterns.iter().enumerate() {
            if i == star || matches!(p, Pattern::MatchAs(a) if a.name.is_none() && a.pattern.is_none()) {
                continue;
            }
            self.u.range = p.range();
            let at = self.u.depth;
            self.duplicate(at - 1);
            if i < star {
                self.load_const(&Const::Int(i as i64), Dest::Push);
            } else {
                let (t, v) = (self.u.next_temp(), self.u.temp(at - 1));
                self.u.emit(Op::GetLen, t, v, 0);
                self.u.push();
                self.u.emit(Op::SubI, t, t, (n - i) as u16);
            }
            let (c, k) = (self.u.temp(at), self.u.top());
            self.u.emit(Op::GetItem, c, c, k);
            self.u.drop_temps(1);
            self.pattern(p, s, f)?;
        }
        self.release_top();
        Ok(())
    }

    fn mapping(&mut self, m: &'a ast::PatternMatchMapping, s: &Slots<'a>, f: &mut Fail) -> Res {
        let n = m.keys.len();
        if n > MAX_PARTS {
            return self.fail("too many keys in a mapping pattern", m.range);
        }
        self.check_mapping_keys(m)?;
        let (t, v) = (self.u.next_temp(), self.u.top());
        self.u.emit(Op::MatchMapping, t, v, 0);
        self.u.push();
        self.require(f);
        if n == 0 && m.rest.is_none() {
            self.release_top();
            return Ok(());
        }
        if n > 0 {
            self.require_len(CmpOp::GtE, n, f);
        }
        let at = self.u.depth;
        m.keys.iter().try_for_each(|k| self.push(k))?;
        self.u.range = m.range;
        self.build(Op::BuildTuple, at, n as u16);
        // [v, keys] → [v, keys, values]
        self.duplicate(at);
        let (keys, v) = (self.u.top(), self.u.temp(at - 1));
        self.u.emit(Op::MatchKeys, keys, v, keys);
        self.require_some(f);
        let values = self.u.top();
        self.emit_unpack(Op::UnpackRev, values, n as u16, n as u16);
        m.patterns.iter().try_for_each(|p| self.pattern(p, s, f))?;
        self.u.range = m.range;
        if let Some(rest) = &m.rest {
            self.mapping_rest(at, n);
            self.capture(rest, s);
        }
        self.release_top();
        self.release_top();
        Ok(())
    }

    /// Fails if the topmost temporary, kept, is None.
    fn require_some(&mut self, f: &mut Fail) {
        self.duplicate(self.u.depth - 1);
        let depth = self.u.depth - 1;
        let l = self.failure(f, depth);
        let top = self.u.top();
        self.u.jump(Op::JNone, top, 0, l, depth);
        self.u.drop_temps(1);
    }

    /// `[v, keys]` becomes `[v, keys, dict of the other items]`; keys is temporary number `at`.
    fn mapping_rest(&mut self, at: u16, n: usize) {
        self.build(Op::BuildMap, at + 1, 0);
        self.duplicate(at - 1);
        let (dict, copy) = (self.u.temp(at + 1), self.u.top());
        self.u.emit(Op::DictUpdate, dict, copy, 0);
        self.u.drop_temps(1);
        self.duplicate(at);
        let keys = self.u.top();
        self.emit_unpack(Op::UnpackRev, keys, n as u16, n as u16);
        for _ in 0..n {
            self.duplicate(at + 1);
            let (key, d) = (self.u.temp(self.u.depth - 2), self.u.top());
            self.u.emit(Op::DelItem, d, key, 0);
            self.u.drop_temps(2);
        }
    }

    fn check_mapping_keys(&self, m: &ast::PatternMatchMapping) -> Res {
        let mut seen: Vec<Const> = Vec::new();
        for k in &m.keys {
            match self.fold(k) {
                Some(c) if seen.contains(&c) => {
                    let text = self.source.get(k.range().to_std_range()).unwrap_or("");
                    return self.fail(format!("mapping pattern checks duplicate key ({text})"), m.range);
                }
                Some(c) => seen.push(c),
                None if k.is_attribute_expr() => {}
                None => {
                    let what = "mapping pattern keys may only match literals and attribute lookups";
                    return self.fail(what, k.range());
                }
            }
        }
        Ok(())
    }

    fn class_pattern(&mut self, c: &'a ast::PatternMatchClass, s: &Slots<'a>, f: &mut Fail) -> Res {
        let (positional, keywords) = (&c.arguments.patterns, &c.arguments.keywords);
        for (i, k) in keywords.iter().enumerate() {
            if keywords[..i].iter().any(|o| o.attr.id == k.attr.id) {
                return self
                    .fail(format!("attribute name repeated in class pattern: {}", k.attr), k.attr.range);
            }
        }
        if positional.len() + keywords.len() > MAX_PARTS {
            return self.fail("too many parts in a class pattern", c.range);
        }
        let n = (positional.len() + keywords.len()) as u16;
        let at = self.u.depth;
        self.push(&c.cls)?;
        let mangled: Vec<String> = keywords.iter().map(|k| self.mangled(&k.attr)).collect();
        let names = self.names_tuple(mangled.iter().map(String::as_str));
        self.load_const(&names, Dest::Push);
        self.u.range = c.range;
        let (base, v) = (self.u.temp(at), self.u.temp(at - 1));
        self.u.emit(Op::MatchClass, base, v, base);
        self.u.emit(Op::Ext, positional.len() as u16, 0, 0);
        self.u.drop_temps(1);
        self.require_some(f);
        let attributes = self.u.top();
        self.emit_unpack(Op::UnpackRev, attributes, n, n);
        positional.iter().try_for_each(|p| self.pattern(p, s, f))?;
        keywords.iter().try_for_each(|k| self.pattern(&k.pattern, s, f))?;
        self.u.range = TextRange::new(c.start(), c.end());
        self.release_top();
        Ok(())
    }
}
