//! Constant folding: what CPython's optimizer computes, with its size limits.
//!
//! Ints are folded while they fit 64 bits; a division by zero and everything else that raises is left to run time.

use super::Gen;
use super::cond::truth;
use hognose_bytecode::Const;
use ruff_python_ast::{BoolOp, Expr, Number, Operator, UnaryOp};

/// Longest folded string, bytes or repetition.
const MAX_STR: usize = 4096;
/// Longest folded tuple.
const MAX_TUPLE: usize = 256;
/// Nesting and length at which constant tuples are not looked for.
const MAX_DISPLAY: usize = 1 << 16;

impl Gen<'_> {
    /// The value of an expression if it is constant. Nodes that are not are remembered: parents ask for the same again.
    pub(super) fn fold(&self, e: &Expr) -> Option<Const> {
        let compound = matches!(
            e,
            Expr::Tuple(_) | Expr::UnaryOp(_) | Expr::BinOp(_) | Expr::Subscript(_) | Expr::BoolOp(_)
        );
        let key = std::ptr::from_ref(e) as usize;
        if compound && self.not_constant.borrow().contains(&key) {
            return None;
        }
        let value = self.fold_inner(e);
        if compound && value.is_none() {
            self.not_constant.borrow_mut().insert(key);
        }
        value
    }

    fn fold_inner(&self, e: &Expr) -> Option<Const> {
        match e {
            Expr::NumberLiteral(n) => Some(number(&n.value)),
            Expr::StringLiteral(s) => Some(self.string_value(&s.value)),
            Expr::BytesLiteral(b) => Some(Const::Bytes(b.value.bytes().collect::<Vec<u8>>().into())),
            Expr::BooleanLiteral(b) => Some(Const::Bool(b.value)),
            Expr::NoneLiteral(_) => Some(Const::None),
            Expr::EllipsisLiteral(_) => Some(Const::Ellipsis),
            Expr::Name(n) if n.id.as_str() == "__debug__" => Some(Const::Bool(self.options.optimize == 0)),
            Expr::Tuple(t) if t.elts.len() <= MAX_DISPLAY => {
                t.elts.iter().map(|e| self.fold(e)).collect::<Option<Vec<_>>>().map(Const::Tuple)
            }
            Expr::UnaryOp(u) => unary(u.op, self.fold(&u.operand)?),
            Expr::BinOp(b) => {
                let right = self.fold(&b.right)?;
                binary(b.op, &self.fold(&b.left)?, &right)
            }
            Expr::Subscript(s) => subscript(&self.fold(&s.slice)?, || self.fold(&s.value)),
            Expr::BoolOp(b) => {
                let values = b.values.iter().map(|v| self.fold(v)).collect::<Option<Vec<_>>>()?;
                let decides = |c: &Const| truth(c) == (b.op == BoolOp::Or);
                let at = values.iter().position(decides).unwrap_or(values.len() - 1);
                values.into_iter().nth(at)
            }
            Expr::FString(f) => self.constant_fstring(f),
            _ => None,
        }
    }
}

pub(crate) fn number(n: &Number) -> Const {
    match n {
        Number::Int(i) => match i.as_i64() {
            Some(i) => Const::Int(i),
            None => Const::BigInt(big_text(&i.to_string())),
        },
        Number::Float(f) => Const::Float(*f),
        Number::Complex { real, imag } => Const::Complex(*real, *imag),
    }
}

/// A literal's text as decimal or `0x` digits.
fn big_text(text: &str) -> String {
    let t = text.replace('_', "").to_ascii_lowercase();
    let bits = match t.get(..2) {
        Some("0o") => 3,
        Some("0b") => 1,
        _ => return t,
    };
    // Octal and binary digits to hexadecimal ones.
    let mut binary: Vec<u8> = Vec::new();
    for d in t[2..].chars().filter_map(|c| c.to_digit(8)) {
        binary.extend((0..bits).rev().map(|i| (d >> i & 1) as u8));
    }
    let pad = (4 - binary.len() % 4) % 4;
    let padded: Vec<u8> = std::iter::repeat_n(0, pad).chain(binary).collect();
    let digits = padded.chunks(4).map(|c| c.iter().fold(0, |n, b| n << 1 | u32::from(*b)));
    let hex: String = digits.filter_map(|d| char::from_digit(d, 16)).collect();
    format!("0x{}", hex.trim_start_matches('0'))
}

fn unary(op: UnaryOp, c: Const) -> Option<Const> {
    match (op, c) {
        (UnaryOp::Not, c) => Some(Const::Bool(!truth(&c))),
        (UnaryOp::USub, Const::Int(i)) => match i.checked_neg() {
            Some(n) => Some(Const::Int(n)),
            None => Some(Const::BigInt("9223372036854775808".into())),
        },
        (UnaryOp::USub, Const::BigInt(s)) => Some(match s.strip_prefix('-') {
            Some(s) => Const::BigInt(s.into()),
            None if s == "9223372036854775808" => Const::Int(i64::MIN),
            None => Const::BigInt(format!("-{s}")),
        }),
        (UnaryOp::USub, Const::Float(f)) => Some(Const::Float(-f)),
        (UnaryOp::USub, Const::Complex(a, b)) => Some(Const::Complex(-a, -b)),
        (UnaryOp::UAdd, c @ (Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(..))) => {
            Some(c)
        }
        (UnaryOp::Invert, Const::Int(i)) => Some(Const::Int(!i)),
        _ => None,
    }
}

fn binary(op: Operator, a: &Const, b: &Const) -> Option<Const> {
    match (a, b) {
        (Const::Int(a), Const::Int(b)) => int_op(op, *a, *b),
        (Const::Int(a), Const::Float(b)) => float_op(op, exact(*a)?, *b),
        (Const::Float(a), Const::Int(b)) => float_op(op, *a, exact(*b)?),
        (Const::Float(a), Const::Float(b)) => float_op(op, *a, *b),
        (Const::Complex(..), _) | (_, Const::Complex(..)) => complex_op(op, a, b),
        (Const::Str(a), Const::Str(b)) if op == Operator::Add => Some(Const::Str(joined(a, b)?.into())),
        (Const::Bytes(a), Const::Bytes(b)) if op == Operator::Add => Some(Const::Bytes(joined(a, b)?.into())),
        (Const::Tuple(a), Const::Tuple(b)) if op == Operator::Add && a.len() + b.len() <= MAX_TUPLE => {
            Some(Const::Tuple(a.iter().chain(b).cloned().collect()))
        }
        (s, Const::Int(n)) | (Const::Int(n), s) if op == Operator::Mult => {
            repeat(s, usize::try_from(*n).unwrap_or(0))
        }
        _ => None,
    }
}

fn joined(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    // A pair of surrogates stays two: their bytes are simply concatenated.
    (a.len() + b.len() <= MAX_STR * 16).then(|| [a, b].concat())
}

fn repeat(s: &Const, n: usize) -> Option<Const> {
    match s {
        Const::Str(s) if s.len().checked_mul(n)? <= MAX_STR => Some(Const::Str(s.repeat(n).into())),
        Const::Bytes(s) if s.len().checked_mul(n)? <= MAX_STR => Some(Const::Bytes(s.repeat(n).into())),
        Const::Tuple(v) if v.len().checked_mul(n)? <= MAX_TUPLE => {
            Some(Const::Tuple(std::iter::repeat_n(v, n).flatten().cloned().collect()))
        }
        _ => None,
    }
}

/// An int as a float if that loses nothing.
fn exact(i: i64) -> Option<f64> {
    (i.unsigned_abs() <= 1 << 53).then_some(i as f64)
}

fn int_op(op: Operator, a: i64, b: i64) -> Option<Const> {
    let int = |v: Option<i64>| v.map(Const::Int);
    match op {
        Operator::Add => int(a.checked_add(b)),
        Operator::Sub => int(a.checked_sub(b)),
        Operator::Mult => int(a.checked_mul(b)),
        Operator::FloorDiv if b != 0 => {
            int(a.checked_div(b).map(|q| q - i64::from(a % b != 0 && (a < 0) != (b < 0))))
        }
        Operator::Mod if b != 0 => {
            int(a.checked_rem(b).map(|r| if r != 0 && (r < 0) != (b < 0) { r + b } else { r }))
        }
        Operator::Div if b != 0 => Some(Const::Float(exact(a)? / exact(b)?)),
        Operator::Pow if b >= 0 => int(a.checked_pow(u32::try_from(b).ok()?)),
        Operator::Pow if a != 0 => None,
        Operator::LShift if (0..63).contains(&b) => int(a.checked_mul(1 << b)),
        Operator::RShift if b >= 0 => Some(Const::Int(a >> b.min(63))),
        Operator::BitAnd => Some(Const::Int(a & b)),
        Operator::BitOr => Some(Const::Int(a | b)),
        Operator::BitXor => Some(Const::Int(a ^ b)),
        _ => None,
    }
}

fn float_op(op: Operator, a: f64, b: f64) -> Option<Const> {
    match op {
        Operator::Add => Some(Const::Float(a + b)),
        Operator::Sub => Some(Const::Float(a - b)),
        Operator::Mult => Some(Const::Float(a * b)),
        Operator::Div if b != 0.0 => Some(Const::Float(a / b)),
        _ => None,
    }
}

fn complex_op(op: Operator, a: &Const, b: &Const) -> Option<Const> {
    let parts = |c: &Const| match c {
        Const::Complex(r, i) => Some((*r, Some(*i))),
        Const::Float(f) => Some((*f, None)),
        Const::Int(i) => exact(*i).map(|f| (f, None)),
        _ => None,
    };
    let ((ar, ai), (br, bi)) = (parts(a)?, parts(b)?);
    match (op, ai, bi) {
        (Operator::Add, Some(ai), Some(bi)) => Some(Const::Complex(ar + br, ai + bi)),
        (Operator::Sub, Some(ai), Some(bi)) => Some(Const::Complex(ar - br, ai - bi)),
        (Operator::Add, Some(i), None) | (Operator::Add, None, Some(i)) => Some(Const::Complex(ar + br, i)),
        (Operator::Sub, Some(i), None) => Some(Const::Complex(ar - br, i)),
        (Operator::Sub, None, Some(i)) => Some(Const::Complex(ar - br, -i)),
        _ => None,
    }
}

fn subscript(key: &Const, value: impl FnOnce() -> Option<Const>) -> Option<Const> {
    let Const::Int(i) = *key else { return None };
    let at = |len: usize| usize::try_from(if i < 0 { i + len as i64 } else { i }).ok().filter(|&i| i < len);
    match value()? {
        Const::Tuple(v) => v.get(at(v.len())?).cloned(),
        Const::Bytes(b) => Some(Const::Int(i64::from(b[at(b.len())?]))),
        Const::Str(s) if s.is_ascii() => Some(Const::Str(vec![s[at(s.len())?]].into())),
        _ => None,
    }
}
