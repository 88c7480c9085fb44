//! The format mini-language:
//!
//!   [[fill]align][sign][z][#][0][width][grouping][.[precision][grouping]][type]

use crate::types::str::index::char_from;
use crate::types::str::unicode::decimal_value;
use crate::{PyResult, Raised, Vm};
use hognose_object::Ref;

/// Grouping of digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    /// None.
    No,
    /// `,` every three digits.
    Comma,
    /// `_` every three digits.
    Underscore,
    /// `_` every four digits (bin, oct, hex).
    UnderscoreFour,
}

impl Grouping {
    /// The separator.
    pub fn separator(self) -> Option<u8> {
        match self {
            Grouping::No => None,
            Grouping::Comma => Some(b','),
            Grouping::Underscore | Grouping::UnderscoreFour => Some(b'_'),
        }
    }

    /// Digits between two separators.
    pub fn size(self) -> usize {
        if self == Grouping::UnderscoreFour { 4 } else { 3 }
    }
}

/// A parsed specification.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Fill character.
    pub fill: u32,
    /// `<`, `>`, `=` or `^`.
    pub align: u8,
    /// `+`, `-`, space, or 0.
    pub sign: u8,
    /// `z`: no negative zero.
    pub no_neg_zero: bool,
    /// `#`
    pub alternate: bool,
    /// Least width.
    pub width: Option<usize>,
    /// Grouping before the point.
    pub grouping: Grouping,
    /// Precision.
    pub precision: Option<usize>,
    /// Grouping behind the point.
    pub frac_grouping: Grouping,
    /// Presentation type, or 0.
    pub kind: u32,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u32> {
        match self.text.get(self.at) {
            Some(&b) if b < 0x80 => Some(u32::from(b)),
            Some(_) => char_from(self.text, self.at).map(|(c, _)| c),
            None => None,
        }
    }

    fn take(&mut self) -> Option<u32> {
        let (c, end) = char_from(self.text, self.at)?;
        self.at = end;
        Some(c)
    }

    fn accept(&mut self, wanted: u8) -> bool {
        let yes = self.text.get(self.at) == Some(&wanted);
        self.at += usize::from(yes);
        yes
    }

    /// A number, if digits follow.
    fn number(&mut self, vm: &mut Vm) -> PyResult<Option<usize>> {
        let mut n: Option<isize> = None;
        while let Some(d) = self.peek().and_then(decimal_value) {
            let next = n.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(d as isize));
            if next.is_none() {
                return Err(vm.value_error("Too many decimal digits in format string"));
            }
            n = next;
            self.take();
        }
        Ok(n.map(|n| n as usize))
    }

    /// `,` or `_`, but not both.
    fn grouping(&mut self, vm: &mut Vm) -> PyResult<Grouping> {
        let mut found = Grouping::No;
        if self.accept(b',') {
            found = Grouping::Comma;
        }
        if self.accept(b'_') {
            if found != Grouping::No {
                return Err(vm.value_error("Cannot specify both ',' and '_'."));
            }
            found = Grouping::Underscore;
        }
        if found == Grouping::Underscore && self.peek() == Some(u32::from(b',')) {
            return Err(vm.value_error("Cannot specify both ',' and '_'."));
        }
        Ok(found)
    }
}

fn is_align(c: u32) -> bool {
    matches!(c, 0x3c | 0x3d | 0x3e | 0x5e)
}

impl Spec {
    /// No wishes.
    pub fn plain(align: u8) -> Spec {
        Spec {
            fill: 32,
            align,
            sign: 0,
            no_neg_zero: false,
            alternate: false,
            width: None,
            grouping: Grouping::No,
            precision: None,
            frac_grouping: Grouping::No,
            kind: 0,
        }
    }

    /// Parses a specification for `value`, whose type messages name; `align` and `kind` are what is not given.
    pub fn parse(vm: &mut Vm, text: &[u8], value: Ref<'_>, align: u8, kind: u8) -> PyResult<Spec> {
        let mut r = Reader { text, at: 0 };
        let mut s = Spec::plain(align);
        let (mut has_fill, mut has_align) = (false, false);
        if let Some((first, second_at)) = char_from(text, 0) {
            if let Some((second, end)) = char_from(text, second_at)
                && is_align(second)
            {
                (s.fill, s.align, r.at) = (first, second as u8, end);
                (has_fill, has_align) = (true, true);
            } else if is_align(first) {
                (s.align, r.at, has_align) = (first as u8, second_at, true);
            }
        }
        for sign in [b' ', b'+', b'-'] {
            if s.sign == 0 && r.accept(sign) {
                s.sign = sign;
            }
        }
        s.no_neg_zero = r.accept(b'z');
        s.alternate = r.accept(b'#');
        if !has_fill && r.accept(b'0') {
            s.fill = u32::from(b'0');
            if !has_align && align == b'>' {
                s.align = b'=';
            }
        }
        s.width = r.number(vm)?;
        s.grouping = r.grouping(vm)?;
        if r.accept(b'.') {
            s.precision = r.number(vm)?;
            s.frac_grouping = r.grouping(vm)?;
            if s.precision.is_none() && s.frac_grouping == Grouping::No {
                return Err(vm.value_error("Format specifier missing precision"));
            }
        }
        s.kind = r.take().unwrap_or(u32::from(kind));
        if r.at < text.len() {
            let class = vm.type_name(value);
            let mut message = b"Invalid format specifier '".to_vec();
            message.extend_from_slice(text);
            message.extend_from_slice(format!("' for object of type '{class}'").as_bytes());
            let message = vm.new_str_bytes(&message)?;
            return Err(vm.raise_with(crate::exceptions::Exc::ValueError, vec![message]));
        }
        s.check_grouping(vm)?;
        Ok(s)
    }

    fn check_grouping(&mut self, vm: &mut Vm) -> PyResult<()> {
        let kind = u8::try_from(self.kind).unwrap_or(b'?');
        if self.grouping != Grouping::No {
            match kind {
                0 | b'd' | b'e' | b'f' | b'g' | b'E' | b'G' | b'%' | b'F' => {}
                b'b' | b'o' | b'x' | b'X' if self.grouping == Grouping::Underscore => {
                    self.grouping = Grouping::UnderscoreFour;
                }
                _ => return Err(self.bad_grouping(vm, self.grouping)),
            }
        }
        if kind == b'n' && self.frac_grouping != Grouping::No {
            return Err(self.bad_grouping(vm, self.frac_grouping));
        }
        Ok(())
    }

    fn bad_grouping(&self, vm: &mut Vm, grouping: Grouping) -> Raised {
        let separator = char::from(grouping.separator().unwrap_or(b','));
        let kind = shown(self.kind);
        vm.value_error(&format!("Cannot specify '{separator}' with '{kind}'."))
    }

    /// ValueError: the type of the specification does not suit the value.
    pub fn unknown_kind(&self, vm: &mut Vm, value: Ref<'_>) -> Raised {
        let class = vm.type_name(value);
        let kind = shown(self.kind);
        vm.value_error(&format!("Unknown format code '{kind}' for object of type '{class}'"))
    }

    /// Neither width, sign, grouping nor other wishes but precision and type?
    pub fn is_bare(&self) -> bool {
        self.width.is_none()
            && matches!(self.sign, 0 | b'-')
            && !self.no_neg_zero
            && !self.alternate
            && self.grouping == Grouping::No
            && self.frac_grouping == Grouping::No
    }

    /// The type as an ASCII letter; other characters are no types.
    pub fn letter(&self) -> u8 {
        if self.kind < 0x80 { self.kind as u8 } else { b'?' }
    }
}

fn shown(c: u32) -> String {
    if (33..128).contains(&c) { char::from(c as u8).to_string() } else { format!("\\x{c:x}") }
}
