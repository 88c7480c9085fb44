//! `%` formatting for str and bytes: `%(key)flags width.precision type`.

use super::float::{FloatText, Style};
use super::int::{Decimal, Digits};
use crate::class::base_value;
use crate::exceptions::Exc;
use crate::text::{as_str, str_bytes};
use crate::types::bytes::container::{self, exact, plain};
use crate::types::str::build::TextBuf;
use crate::types::str::index::{char_from, is_index, ssize};
use crate::{PyResult, Raised, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Owned, Ref, ValueExt, int};
use num_traits::ToPrimitive;

/// Where conversions get their values.
struct Values<'a> {
    args: Ref<'a>,
    items: Option<&'a [Ref<'a>]>,
    next: usize,
    mapping: bool,
    /// The value a key gave, for one conversion.
    keyed: Option<Owned>,
    used_key: bool,
}

/// One conversion.
#[derive(Default)]
struct Conversion {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// A converted value: sign and prefix stand apart so that zeros can come between.
#[derive(Default)]
struct Piece {
    sign: Option<u8>,
    prefix: &'static str,
    body: Vec<u8>,
    /// Zeros behind the body (a precision beyond what a float has) and text behind those.
    zeros: usize,
    rest: String,
    /// Zeros before the body (precision of ints).
    leading: usize,
    numeric: bool,
}

/// `format % args`
pub fn percent(vm: &mut Vm, format: Ref<'_>, args: Ref<'_>) -> PyResult {
    let is_text = as_str(format).is_some();
    let copy;
    let text = match as_str(format) {
        Some(s) => s.as_bytes(),
        None => {
            // A copy, since conversions may run code that changes a bytearray.
            copy = container::copy_of(vm, format)?;
            copy.as_ref().map_or(&[][..], |b| exact(b.as_ref()))
        }
    };
    let items = TupleRef::new(base_value(args)).map(|t| t.items());
    let sequence =
        items.is_some() || as_str(args).is_some() || (!is_text && plain(vm.heap(), args).is_some());
    let mapping = !sequence && vm.class_of(args).slots().getitem.is_some();
    let mut values = Values { args, items, next: 0, mapping, keyed: None, used_key: false };
    let mut out = TextBuf::new();
    run(vm, &mut out, text, &mut values, is_text)?;
    let given = items.map_or(1, <[_]>::len);
    if values.next < given && !mapping {
        let what = if is_text { "string" } else { "bytes" };
        return Err(vm.type_error(&format!("not all arguments converted during {what} formatting")));
    }
    if is_text { out.to_str(vm) } else { container::make(vm, format, out.as_bytes()) }
}

fn run(vm: &mut Vm, out: &mut TextBuf, text: &[u8], values: &mut Values<'_>, is_text: bool) -> PyResult<()> {
    let mut at = 0;
    while let Some(n) = memchr::memchr(b'%', &text[at..]) {
        out.push(vm, &text[at..at + n])?;
        at += n + 1;
        if text.get(at) == Some(&b'%') {
            out.push_byte(vm, b'%')?;
            at += 1;
            continue;
        }
        let conversion = Conversion::parse(vm, text, &mut at, values, is_text)?;
        let Some((kind, end)) = char_from(text, at) else { return Err(vm.value_error("incomplete format")) };
        let value = values.take(vm)?;
        if is_text && conversion.is_plain() && write_plain(vm, out, kind, value.as_ref())? {
            at = end;
            continue;
        }
        let piece = conversion.convert(vm, kind, value.as_ref(), is_text);
        let piece = match piece? {
            Some(piece) => piece,
            None => {
                let index = if is_text { hognose_object::str::count_chars(&text[..at]) } else { at };
                let shown = if (31..=126).contains(&kind) { char::from(kind as u8) } else { '?' };
                let message = format!("unsupported format character '{shown}' ({kind:#x}) at index {index}");
                return Err(vm.value_error(&message));
            }
        };
        conversion.write(vm, out, &piece, is_text)?;
        at = end;
    }
    out.push(vm, &text[at..])
}

/// The usual `%s` and `%d` without flags; `false`: something else.
fn write_plain(vm: &mut Vm, out: &mut TextBuf, kind: u32, v: Ref<'_>) -> PyResult<bool> {
    match (kind, v.value().as_int()) {
        (0x73 | 0x64, Some(n)) => out.push(vm, Decimal::new(n).as_bytes())?,
        (0x73, None) => {
            let s = vm.str(v)?;
            out.push(vm, str_bytes(s.as_ref()))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

impl Values<'_> {
    fn take(&mut self, vm: &mut Vm) -> PyResult {
        if let Some(v) = self.keyed.take() {
            return Ok(v);
        }
        let found = match self.items {
            Some(items) if !self.used_key => items.get(self.next).map(|r| r.owned()),
            None if !self.used_key && self.next == 0 => Some(self.args.owned()),
            _ => None,
        };
        self.next += 1;
        found.ok_or_else(|| vm.type_error("not enough arguments for format string"))
    }

    /// A `*`: an int.
    fn star(&mut self, vm: &mut Vm) -> PyResult<isize> {
        let v = self.take(vm)?;
        if !int::is_int(base_value(v.as_ref())) {
            return Err(vm.type_error("* wants int"));
        }
        ssize(vm, v.as_ref())
    }
}

impl Conversion {
    /// Reads all between `%` and the type.
    fn parse(
        vm: &mut Vm,
        text: &[u8],
        at: &mut usize,
        values: &mut Values<'_>,
        is_text: bool,
    ) -> PyResult<Conversion> {
        if text.get(*at) == Some(&b'(') {
            read_key(vm, text, at, values, is_text)?;
        }
        let mut c = Conversion::default();
        while let Some(&b) = text.get(*at) {
            match b {
                b'-' => c.left = true,
                b'+' => c.plus = true,
                b' ' => c.blank = true,
                b'#' => c.alternate = true,
                b'0' => c.zero = true,
                _ => break,
            }
            *at += 1;
        }
        if text.get(*at) == Some(&b'*') {
            *at += 1;
            let n = values.star(vm)?;
            c.left |= n < 0;
            c.width = n.unsigned_abs();
        } else {
            c.width = digits(text, at, isize::MAX as usize).ok_or_else(|| vm.value_error("width too big"))?;
        }
        if text.get(*at) == Some(&b'.') {
            *at += 1;
            c.precision = Some(if text.get(*at) == Some(&b'*') {
                *at += 1;
                let n = values.star(vm)?;
                if n > i32::MAX as isize || n < i32::MIN as isize {
                    return Err(vm.overflow_error("Python int too large to convert to C int"));
                }
                n.max(0) as usize
            } else {
                digits(text, at, i32::MAX as usize).ok_or_else(|| vm.value_error("precision too big"))?
            });
        }
        if matches!(text.get(*at), Some(b'h' | b'l' | b'L')) {
            *at += 1;
        }
        Ok(c)
    }

    /// Without flags, width and precision?
    fn is_plain(&self) -> bool {
        self.width == 0
            && self.precision.is_none()
            && !(self.left || self.plus || self.blank || self.alternate || self.zero)
    }

    /// The value as text; `None`: there is no such type.
    fn convert(&self, vm: &mut Vm, kind: u32, v: Ref<'_>, is_text: bool) -> PyResult<Option<Piece>> {
        let kind = u8::try_from(kind).unwrap_or(0);
        let body = match kind {
            b's' if is_text => {
                let s = vm.str(v)?;
                str_bytes(s.as_ref()).to_vec()
            }
            b'r' if is_text => {
                let s = vm.repr(v)?;
                str_bytes(s.as_ref()).to_vec()
            }
            b's' | b'b' if !is_text => {
                let b = bytes_of_value(vm, v)?;
                exact(b.as_ref()).to_vec()
            }
            b'a' | b'r' => vm.ascii(v)?.into_bytes(),
            b'd' | b'i' | b'u' | b'x' | b'X' | b'o' => return self.integer(vm, kind, v).map(Some),
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => return self.float(vm, kind, v, is_text).map(Some),
            b'c' => return character(vm, v, is_text).map(|body| Some(Piece { body, ..Piece::default() })),
            _ => return Ok(None),
        };
        let mut piece = Piece { body, ..Piece::default() };
        if let Some(p) = self.precision {
            let mut end = p.min(piece.body.len());
            if is_text && !piece.body.is_ascii() {
                end = 0;
                for _ in 0..p {
                    let Some((_, next)) = char_from(&piece.body, end) else { break };
                    end = next;
                }
            }
            piece.body.truncate(end);
        }
        Ok(Some(piece))
    }

    fn integer(&self, vm: &mut Vm, kind: u8, v: Ref<'_>) -> PyResult<Piece> {
        let n = match whole(vm, kind, v)? {
            Some(n) => n,
            None => {
                let class = vm.type_name(v);
                let what = if matches!(kind, b'x' | b'X' | b'o') { "an integer" } else { "a real number" };
                let kind = char::from(kind);
                return Err(vm.type_error(&format!("%{kind} format: {what} is required, not {class}")));
            }
        };
        if self.precision.is_some_and(|p| p > i32::MAX as usize - 3) {
            return Err(vm.overflow_error("precision too large"));
        }
        let d = Digits::new(vm, n.as_ref(), kind)?;
        Ok(Piece {
            sign: d.negative.then_some(b'-'),
            prefix: if self.alternate { d.prefix } else { "" },
            leading: self.precision.unwrap_or(0).saturating_sub(d.text.len()),
            body: d.text.into_bytes(),
            numeric: true,
            ..Piece::default()
        })
    }

    fn float(&self, vm: &mut Vm, kind: u8, v: Ref<'_>, is_text: bool) -> PyResult<Piece> {
        let x = match vm.as_f64(v) {
            Ok(x) => x,
            Err(e) if !is_text && vm.raised_is(&e, Exc::TypeError) => {
                vm.discard(e);
                let class = vm.type_name(v);
                return Err(vm.type_error(&format!("float argument required, not {class}")));
            }
            Err(e) => return Err(e),
        };
        let style = Style {
            kind,
            precision: self.precision.unwrap_or(6),
            alternate: self.alternate,
            dot_zero: false,
        };
        let text = FloatText::new(x, style);
        let (body, zeros) = text.plain();
        Ok(Piece {
            sign: (x.is_sign_negative() && !x.is_nan()).then_some(b'-'),
            body: body.into_bytes(),
            zeros,
            rest: text.rest().into(),
            numeric: true,
            ..Piece::default()
        })
    }

    /// Appends a piece with its sign and fill.
    fn write(&self, vm: &mut Vm, out: &mut TextBuf, p: &Piece, is_text: bool) -> PyResult<()> {
        let sign = match p.sign {
            Some(s) => Some(s),
            None if p.numeric && self.plus => Some(b'+'),
            None if p.numeric && self.blank => Some(b' '),
            None => None,
        };
        let body = if is_text { hognose_object::str::count_chars(&p.body) } else { p.body.len() };
        let fixed = usize::from(sign.is_some()) + p.prefix.len() + body + p.rest.len();
        let missing = self.width.saturating_sub(fixed.saturating_add(p.leading).saturating_add(p.zeros));
        let zero = p.numeric && self.zero && !self.left;
        if !self.left && !zero {
            out.repeat(vm, b" ", missing)?;
        }
        if let Some(sign) = sign {
            out.push_byte(vm, sign)?;
        }
        out.push(vm, p.prefix.as_bytes())?;
        if zero {
            out.repeat(vm, b"0", missing)?;
        }
        out.repeat(vm, b"0", p.leading)?;
        out.push(vm, &p.body)?;
        out.repeat(vm, b"0", p.zeros)?;
        out.push(vm, p.rest.as_bytes())?;
        if self.left {
            out.repeat(vm, b" ", missing)?;
        }
        Ok(())
    }
}

/// A number not above `most`; 0 when there are no digits.
fn digits(text: &[u8], at: &mut usize, most: usize) -> Option<usize> {
    let mut n = 0usize;
    while let Some(d) = text.get(*at).filter(|b| b.is_ascii_digit()) {
        n = n.checked_mul(10)?.checked_add(usize::from(d - b'0')).filter(|&n| n <= most)?;
        *at += 1;
    }
    Some(n)
}

/// Reads `(key)` and looks the value up.
fn read_key(
    vm: &mut Vm,
    text: &[u8],
    at: &mut usize,
    values: &mut Values<'_>,
    is_text: bool,
) -> PyResult<()> {
    if !values.mapping {
        return Err(vm.type_error("format requires a mapping"));
    }
    let start = *at + 1;
    let mut open = 0;
    for (i, &b) in text[*at..].iter().enumerate() {
        match b {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            let key = &text[start..*at + i];
            let key = if is_text { vm.new_str_bytes(key)? } else { vm.new_bytes(key)? };
            values.keyed = Some(vm.get_item(values.args, key.as_ref())?);
            values.used_key = true;
            *at += i + 1;
            return Ok(());
        }
    }
    Err(vm.value_error("incomplete format key"))
}

/// The value of an integer conversion; `None`: it is no number.
fn whole(vm: &mut Vm, kind: u8, v: Ref<'_>) -> PyResult<Option<Owned>> {
    if int::is_int(base_value(v)) {
        return Ok(Some(v.owned()));
    }
    let slots = vm.class_of(v).slots();
    let r = match (slots.int, slots.index.is_some()) {
        (Some(f), _) if !matches!(kind, b'x' | b'X' | b'o') => f(vm, v).and_then(|n| vm.index(n.as_ref())),
        (_, true) => vm.index(v),
        _ => return Ok(None),
    };
    match r {
        Ok(n) => Ok(Some(n)),
        Err(e) if vm.raised_is(&e, Exc::TypeError) => {
            vm.discard(e);
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

fn character(vm: &mut Vm, v: Ref<'_>, is_text: bool) -> PyResult<Vec<u8>> {
    if is_text {
        if let Some(s) = as_str(v) {
            if s.char_len() == 1 {
                return Ok(s.as_bytes().to_vec());
            }
            let n = s.char_len();
            let message = format!("%c requires an int or a unicode character, not a string of length {n}");
            return Err(vm.type_error(&message));
        }
    } else if let Some(b) = plain(vm.heap(), v) {
        if b.len() == 1 {
            return Ok(b.to_vec());
        }
        let (n, class) = (b.len(), if v.has_layout(Layout::ByteArray) { "bytearray" } else { "bytes" });
        return Err(vm.type_error(&format!(
            "%c requires an integer in range(256) or a single byte, not a {class} object of length {n}"
        )));
    }
    if !is_index(vm, v) {
        let class = vm.type_name(v);
        let what = if is_text {
            "an int or a unicode character"
        } else {
            "an integer in range(256) or a single byte"
        };
        return Err(vm.type_error(&format!("%c requires {what}, not {class}")));
    }
    let n = vm.index(v)?;
    let n = int::bigint_of(n.as_ref()).and_then(|n| n.to_u32());
    match n {
        Some(n) if is_text && n < 0x11_0000 => {
            let mut out = Vec::new();
            hognose_object::str::push_code_point(&mut out, n);
            Ok(out)
        }
        Some(n) if !is_text && n < 256 => Ok(vec![n as u8]),
        _ => Err(out_of_range(vm, is_text)),
    }
}

fn out_of_range(vm: &mut Vm, is_text: bool) -> Raised {
    let range = if is_text { "range(0x110000)" } else { "range(256)" };
    vm.overflow_error(&format!("%c arg not in {range}"))
}

/// What `%b` shows: the contents of something bytes-like, or what `__bytes__` gives.
fn bytes_of_value(vm: &mut Vm, v: Ref<'_>) -> PyResult {
    if let Some(b) = container::copy_of(vm, v)? {
        return Ok(b);
    }
    if let Some(b) = crate::types::bytes::special_bytes(vm, v)? {
        return Ok(b);
    }
    let class = vm.type_name(v);
    Err(vm.type_error(&format!(
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{class}'"
    )))
}
