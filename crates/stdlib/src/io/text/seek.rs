//! Positions in text: cookies that say where decoding can start again.
//!
//!   bits 0–63 position of the buffer · 64–127 decoder flags · 128–191 bytes to feed · 192–255 characters to skip ·
//!   256 whether the end is needed

use super::{Wrapper, opened, read};
use crate::io::unsupported;
use crate::prelude::{Args, Exc, Owned, PyResult, Ref, Vm, as_str};
use hognose_vm::object::bytes::bytes_of;
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

#[derive(Default)]
struct Cookie {
    start: u64,
    flags: u64,
    feed: u64,
    skip: u64,
    need_eof: bool,
}

impl Cookie {
    fn pack(&self) -> BigInt {
        let parts = [self.start, self.flags, self.feed, self.skip, u64::from(self.need_eof)];
        parts.iter().rev().fold(BigInt::zero(), |n, part| (n << 64) + BigInt::from(*part))
    }

    fn unpack(n: &BigInt) -> Cookie {
        let part = |i: usize| ((n >> (64 * i)) & BigInt::from(u64::MAX)).to_u64().unwrap_or(0);
        Cookie { start: part(0), flags: part(1), feed: part(2), skip: part(3), need_eof: part(4) != 0 }
    }
}

fn count(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b & 0xC0 != 0x80).count() as u64
}

fn decoded_len(text: &Owned) -> u64 {
    as_str(text.as_ref()).map_or(0, |s| s.char_len() as u64)
}

pub(super) fn tell(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let w = opened(vm, r)?;
    if !w.seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    if !w.telling.get() {
        return Err(vm.raise(Exc::OSError, "telling position disabled by next() call"));
    }
    super::write::flush_pending(vm, w)?;
    vm.call_method(r, "flush", &[])?;
    let buffer = w.buffer();
    let at = vm.call_method(buffer.as_ref(), "tell", &[])?;
    let snapshot = w.part(|s| if s.decoder.is_none() { None } else { s.snapshot.clone() });
    let Some((flags, input)) = snapshot else { return Ok(at) };
    let input = bytes_of(input.as_ref()).unwrap_or(&[]);
    let at = vm.index_bigint(at.as_ref())? - BigInt::from(input.len());
    let mut cookie = Cookie { start: at.to_u64().unwrap_or(0), flags, ..Cookie::default() };
    let skip = {
        let decoded = w.decoded.borrow();
        count(&decoded[..w.used.get()])
    };
    if skip > 0 {
        let (decoder, translator) = w.part(|s| (s.decoder.clone(), s.translator.clone()));
        let (held, now) = decoder.state(vm, translator.as_deref())?;
        let found = search(vm, w, &mut cookie, input, skip);
        // The decoder goes on where it was.
        let restored = decoder.set_state(vm, translator.as_deref(), &held, now);
        found?;
        restored?;
    }
    vm.new_bigint(&cookie.pack())
}

/// Feeds the input byte by byte until `skip` characters came out; a place where the decoder holds nothing back is a better
/// start.
fn search(vm: &mut Vm, w: &Wrapper, cookie: &mut Cookie, input: &[u8], mut skip: u64) -> PyResult<()> {
    let (decoder, translator) = w.part(|s| (s.decoder.clone(), s.translator.clone()));
    let empty = vm.new_bytes(b"")?;
    decoder.set_state(vm, translator.as_deref(), &empty, cookie.flags)?;
    let (mut fed, mut chars) = (0, 0);
    for b in input {
        let byte = vm.new_bytes(&[*b])?;
        let text = read::decode(vm, w, byte.as_ref(), false)?;
        fed += 1;
        chars += decoded_len(&text);
        let (held, flags) = decoder.state(vm, translator.as_deref())?;
        if bytes_of(held.as_ref()).is_some_and(<[u8]>::is_empty) && chars <= skip {
            cookie.start += fed;
            cookie.flags = flags;
            skip -= chars;
            (fed, chars) = (0, 0);
        }
        if chars >= skip {
            break;
        }
    }
    if chars < skip {
        let text = read::decode(vm, w, empty.as_ref(), true)?;
        chars += decoded_len(&text);
        cookie.need_eof = true;
        if chars < skip {
            return Err(vm.raise(Exc::OSError, "can't reconstruct logical file position"));
        }
    }
    (cookie.feed, cookie.skip) = (fed, skip);
    Ok(())
}

pub(super) fn seek(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let r = args.get(0);
    let whence = crate::host::int_or(vm, args.opt(2), 0)?;
    let w = opened(vm, r)?;
    if !w.seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let cookie = args.get(1);
    let zero = |vm: &mut Vm, r: Ref<'_>| -> PyResult<bool> {
        let z = vm.new_int(0)?;
        vm.equal(r, z.as_ref())
    };
    let target: Owned = match whence {
        0 => cookie.owned(),
        1 => {
            if !zero(vm, cookie)? {
                return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
            }
            vm.call_method(r, "tell", &[])?
        }
        2 => {
            if !zero(vm, cookie)? {
                return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
            }
            return seek_end(vm, r, w);
        }
        _ => return Err(vm.value_error(&format!("invalid whence ({whence}, should be 0, 1 or 2)"))),
    };
    let n = vm.index_bigint(target.as_ref())?;
    if n.is_negative() {
        let shown = vm.repr_text(target.as_ref())?;
        return Err(vm.value_error(&format!("negative seek position {shown}")));
    }
    vm.call_method(r, "flush", &[])?;
    go(vm, w, &Cookie::unpack(&n))?;
    Ok(target)
}

fn seek_end(vm: &mut Vm, r: Ref<'_>, w: &Wrapper) -> PyResult {
    vm.call_method(r, "flush", &[])?;
    w.forget_decoded();
    w.set_snapshot(None);
    let (decoder, translator) = w.part(|s| (s.decoder.clone(), s.translator.clone()));
    decoder.reset(vm, translator.as_deref())?;
    let buffer = w.buffer();
    let (zero, two) = (vm.new_int(0)?, vm.new_int(2)?);
    let at = vm.call_method(buffer.as_ref(), "seek", &[zero.as_ref(), two.as_ref()])?;
    let encoder = w.part(|s| s.encoder.clone());
    let at_start = vm.index_bigint(at.as_ref())?.is_zero();
    encoder.set_start(vm, at_start)?;
    Ok(at)
}

fn go(vm: &mut Vm, w: &Wrapper, cookie: &Cookie) -> PyResult<()> {
    let buffer = w.buffer();
    let start = vm.new_bigint(&BigInt::from(cookie.start))?;
    vm.call_method(buffer.as_ref(), "seek", &[start.as_ref()])?;
    w.forget_decoded();
    w.set_snapshot(None);
    let (decoder, translator, encoder) =
        w.part(|s| (s.decoder.clone(), s.translator.clone(), s.encoder.clone()));
    if !decoder.is_none() {
        if cookie.start == 0 && cookie.flags == 0 {
            decoder.reset(vm, translator.as_deref())?;
        } else {
            let empty = vm.new_bytes(b"")?;
            decoder.set_state(vm, translator.as_deref(), &empty, cookie.flags)?;
        }
    }
    if cookie.skip > 0 {
        let n = vm.new_int(i64::try_from(cookie.feed).unwrap_or(i64::MAX))?;
        let input = vm.call_method(buffer.as_ref(), "read", &[n.as_ref()])?;
        if bytes_of(input.as_ref()).is_none() {
            let class = vm.type_name(input.as_ref());
            let text = format!("underlying read() should have returned a bytes object, not '{class}'");
            return Err(vm.type_error(&text));
        }
        w.set_snapshot(Some((cookie.flags, input.clone())));
        let text = read::decode(vm, w, input.as_ref(), cookie.need_eof)?;
        if decoded_len(&text) < cookie.skip {
            return Err(vm.raise(Exc::OSError, "can't restore logical file position"));
        }
        let bytes = as_str(text.as_ref()).map_or(&[][..], |s| s.as_bytes());
        let used = bytes
            .iter()
            .enumerate()
            .filter(|(_, b)| **b & 0xC0 != 0x80)
            .nth(cookie.skip as usize)
            .map_or(bytes.len(), |(i, _)| i);
        w.decoded.borrow_mut().extend_from_slice(vm.heap(), bytes)?;
        w.used.set(used);
    } else {
        let empty = vm.new_bytes(b"")?;
        w.set_snapshot(Some((cookie.flags, empty)));
    }
    encoder.set_start(vm, cookie.start == 0 && cookie.flags == 0)
}
