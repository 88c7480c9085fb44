//! UTF-7: ASCII, with other characters as base64 of UTF-16 between `+` and `-`.

use super::{chars_of, convert, with_count};
use crate::prelude::{Args, Exc, NativeDef, Owned, PyResult, Vm, as_str, base_value};
use hognose_vm::object::bytes::bytes_of;
use hognose_vm::object::str::push_code_point;
use hognose_vm::tuple_items;

pub(super) const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("utf_7_encode", "str, errors=None, /", encode),
    NativeDef::function("utf_7_decode", "data, errors=None, final=False, /", decode),
];

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(b: u8) -> Option<u32> {
    DIGITS.iter().position(|d| *d == b).map(|i| i as u32)
}

/// Characters that stand for themselves when encoded.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(b) => b.is_ascii_alphanumeric() || b"'(),-./:? \t\n\r!\"#$%&*;<=>@[]^_`{|}".contains(&b),
        Err(_) => false,
    }
}

fn encode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    if as_str(args.get(0)).is_none() {
        let class = vm.type_name(args.get(0));
        return Err(vm.type_error(&format!("utf_7_encode() argument 1 must be str, not {class}")));
    }
    let chars = chars_of(args.get(0));
    vm.heap().charge_external(chars.len().saturating_mul(8))?;
    let mut out = Vec::new();
    let (mut shifted, mut bits, mut held) = (false, 0u32, 0u64);
    for &c in &chars {
        if is_direct(c) {
            if shifted {
                if bits > 0 {
                    out.push(DIGITS[(held << (6 - bits) & 63) as usize]);
                }
                (bits, held, shifted) = (0, 0, false);
                if c == u32::from(b'-') || u8::try_from(c).is_ok_and(|b| digit(b).is_some()) {
                    out.push(b'-');
                }
            }
            out.push(c as u8);
            continue;
        }
        if !shifted && c == u32::from(b'+') {
            out.extend(b"+-");
            continue;
        }
        if !shifted {
            out.push(b'+');
            shifted = true;
        }
        let mut put = |unit: u64| {
            held = (held << 16 | unit) & 0xff_ffff_ffff;
            bits += 16;
            while bits >= 6 {
                out.push(DIGITS[(held >> (bits - 6) & 63) as usize]);
                bits -= 6;
            }
        };
        if c >= 0x1_0000 {
            put(u64::from(0xd800 + ((c - 0x1_0000) >> 10)));
            put(u64::from(0xdc00 + (c & 0x3ff)));
        } else {
            put(u64::from(c));
        }
    }
    if bits > 0 {
        out.push(DIGITS[(held << (6 - bits) & 63) as usize]);
    }
    if shifted {
        out.push(b'-');
    }
    vm.heap().discharge_external(chars.len().saturating_mul(8));
    let bytes = vm.new_bytes(&out)?;
    with_count(vm, bytes, chars.len())
}

/// What was read of a shifted part.
#[derive(Default)]
struct Shift {
    on: bool,
    /// Where the `+` is, and how long the output was then.
    start: usize,
    out_len: usize,
    bits: u32,
    held: u64,
    high: Option<u32>,
}

impl Shift {
    /// A complete UTF-16 unit.
    fn unit(&mut self, unit: u32, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                push_code_point(out, 0x1_0000 + ((high & 0x3ff) << 10) + (unit & 0x3ff));
                return;
            }
            push_code_point(out, high);
        }
        if (0xd800..0xdc00).contains(&unit) { self.high = Some(unit) } else { push_code_point(out, unit) }
    }
}

fn decode(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let object = convert::input(vm, args.get(0), false)?;
    let handler = convert::errors(vm, args.opt(1))?;
    let last = crate::host::flag(vm, args.opt(2), false)?;
    let data = bytes_of(object.as_ref()).unwrap_or(&[]);
    let (mut out, mut at, mut shift) = (Vec::new(), 0, Shift::default());
    loop {
        let problem = step(data, &mut at, &mut out, &mut shift, last);
        match problem {
            Ok(true) => {}
            Ok(false) => break,
            Err((start, end, reason)) => {
                let (text, next) = handle(vm, &handler, &object, (start, end), data.len(), reason)?;
                out.extend_from_slice(as_str(text.as_ref()).map_or(&[][..], |s| s.as_bytes()));
                at = next;
                shift = Shift::default();
            }
        }
    }
    let mut taken = data.len();
    if shift.on && !last {
        // A shifted part that is not complete is read again with what follows.
        taken = shift.start;
        out.truncate(shift.out_len);
    }
    let text = vm.new_str_bytes(&out)?;
    with_count(vm, text, taken)
}

type Problem = (usize, usize, &'static str);

/// Reads one byte; false at the end.
fn step(
    data: &[u8],
    at: &mut usize,
    out: &mut Vec<u8>,
    shift: &mut Shift,
    last: bool,
) -> Result<bool, Problem> {
    let Some(&b) = data.get(*at) else {
        if shift.on && last {
            shift.on = false;
            let bad = shift.high.is_some() || shift.bits >= 6 || shift.bits > 0 && shift.held != 0;
            if bad {
                return Err((shift.start, data.len(), "unterminated shift sequence"));
            }
        }
        return Ok(false);
    };
    if shift.on {
        if let Some(d) = digit(b) {
            shift.held = shift.held << 6 | u64::from(d);
            shift.bits += 6;
            *at += 1;
            if shift.bits >= 16 {
                shift.bits -= 16;
                let unit = (shift.held >> shift.bits) as u32 & 0xffff;
                shift.held &= (1 << shift.bits) - 1;
                shift.unit(unit, out);
            }
            return Ok(true);
        }
        shift.on = false;
        if shift.bits >= 6 {
            *at += 1;
            return Err((shift.start, *at, "partial character in base64 sequence"));
        }
        if shift.bits > 0 && shift.held != 0 {
            *at += 1;
            return Err((shift.start, *at, "non-zero padding bits in base64 sequence"));
        }
        if let Some(high) = shift.high.take()
            && b < 0x80
            && b != b'+'
        {
            push_code_point(out, high);
        }
        if b == b'-' {
            *at += 1;
        }
        return Ok(true);
    }
    if b == b'+' {
        return begin(data, at, out, shift);
    }
    if b >= 0x80 {
        return Err((*at, *at + 1, "unexpected special character"));
    }
    out.push(b);
    *at += 1;
    Ok(true)
}

/// At a `+`: a shifted part begins, or a plus stands for itself.
fn begin(data: &[u8], at: &mut usize, out: &mut Vec<u8>, shift: &mut Shift) -> Result<bool, Problem> {
    let start = *at;
    match data.get(*at + 1) {
        Some(b'-') => {
            out.push(b'+');
            *at += 2;
        }
        Some(next) if digit(*next).is_none() => {
            *at += 1;
            return Err((start, *at + 1, "ill-formed sequence"));
        }
        _ => {
            *at += 1;
            *shift = Shift { on: true, start, out_len: out.len(), ..Shift::default() };
        }
    }
    Ok(true)
}

fn handle(
    vm: &mut Vm,
    handler: &str,
    object: &Owned,
    range: (usize, usize),
    length: usize,
    reason: &str,
) -> PyResult<(Owned, usize)> {
    let args = vec![
        vm.new_str("utf7")?,
        object.clone(),
        vm.new_int(range.0 as i64)?,
        vm.new_int(range.1.min(length) as i64)?,
        vm.new_str(reason)?,
    ];
    if handler == "strict" {
        return Err(vm.raise_with(Exc::UnicodeDecodeError, args));
    }
    let exc = vm.new_exception(Exc::UnicodeDecodeError, args)?;
    let f = super::lookup_error(vm, handler)?;
    let result = vm.call(f.as_ref(), &[exc.as_ref()])?;
    let [text, at] = tuple_items(base_value(result.as_ref())) else {
        return Err(vm.type_error("decoding error handler must return (str, int) tuple"));
    };
    let at = vm.index_isize(*at, false)?;
    let place = if at < 0 { at + length as isize } else { at };
    match usize::try_from(place).ok().filter(|p| *p <= length) {
        Some(p) => Ok((text.owned(), p)),
        None => Err(vm.index_error(&format!("position {at} from error handler out of bounds"))),
    }
}
