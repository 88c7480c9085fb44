//! The commonest specifications without parsing machinery: `d`, `6d`, `06d` for small ints and `.2f` for floats.
//!
//! Text is made from the right end of a fixed buffer. `None` means: take the general way.

/// Longest text made here.
const ROOM: usize = 64;

/// Text at the right end of a buffer.
pub(super) struct Text {
    bytes: [u8; ROOM],
    start: usize,
}

impl Text {
    fn new() -> Text {
        Text { bytes: [0; ROOM], start: ROOM }
    }

    #[inline]
    fn push(&mut self, b: u8) {
        self.start -= 1;
        self.bytes[self.start] = b;
    }

    fn len(&self) -> usize {
        ROOM - self.start
    }

    /// Decimal digits, at least `least` of them.
    fn digits(&mut self, mut n: u64, least: usize) {
        let end = self.len() + least;
        while n > 0 || self.len() < end {
            self.push(b'0' + (n % 10) as u8);
            n /= 10;
        }
    }

    /// What was written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// `[0][width][d]`, widths below 40.
pub(super) fn int(n: i64, spec: &[u8]) -> Option<Text> {
    let spec = spec.strip_suffix(b"d").unwrap_or(spec);
    let (zeros, spec) = match spec.strip_prefix(b"0") {
        Some(rest) => (true, rest),
        None => (false, spec),
    };
    let width = match *spec {
        [] => 0,
        [a @ b'1'..=b'9'] => usize::from(a - b'0'),
        [a @ b'1'..=b'3', b @ b'0'..=b'9'] => usize::from(a - b'0') * 10 + usize::from(b - b'0'),
        _ => return None,
    };
    let mut out = Text::new();
    let sign = usize::from(n < 0);
    out.digits(n.unsigned_abs(), if zeros { width.saturating_sub(sign).max(1) } else { 1 });
    if n < 0 {
        out.push(b'-');
    }
    while out.len() < width {
        out.push(b' ');
    }
    Some(out)
}

/// `.Nf` with one digit N, rounded half to even by exact integer arithmetic: `m * 10^N / 2^s` fits 128 bits.
pub(super) fn fixed(x: f64, spec: &[u8]) -> Option<Text> {
    let [b'.', places @ b'0'..=b'9', b'f'] = *spec else { return None };
    let places = usize::from(places - b'0');
    let n = u64::try_from(scaled(x, places)?).ok()?;
    let unit = 10u64.pow(places as u32);
    let mut out = Text::new();
    if places > 0 {
        out.digits(n % unit, places);
        out.push(b'.');
    }
    out.digits(n / unit, 1);
    if x.is_sign_negative() {
        out.push(b'-');
    }
    Some(out)
}

/// `|x| * 10^places`, rounded half to even; `None` where the product does not fit or `x` is not finite.
pub(super) fn scaled(x: f64, places: usize) -> Option<u128> {
    if places > 19 {
        return None;
    }
    if x == 0.0 {
        return Some(0);
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let (m, e) = match exponent {
        0 => (bits & ((1 << 52) - 1), -1074),
        0x7ff => return None,
        _ => (bits & ((1 << 52) - 1) | 1 << 52, exponent - 1075),
    };
    let product = u128::from(m) * 10u128.pow(places as u32);
    match e {
        0..=10 => Some(product << e),
        -126..0 => {
            let s = e.unsigned_abs();
            let (q, rest, half) = (product >> s, product & ((1 << s) - 1), 1u128 << (s - 1));
            Some(q + u128::from(rest > half || rest == half && q & 1 == 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: Option<Text>) -> Option<String> {
        t.map(|t| String::from_utf8_lossy(t.as_bytes()).into_owned())
    }

    #[test]
    fn ints() {
        for (n, spec, want) in [
            (7, "06d", "000007"),
            (-7, "06d", "-00007"),
            (1234, "2d", "1234"),
            (5, "3", "  5"),
            (0, "d", "0"),
            (-12, "0d", "-12"),
            (i64::MIN, "d", "-9223372036854775808"),
        ] {
            assert_eq!(text(int(n, spec.as_bytes())).as_deref(), Some(want));
        }
        assert!(int(1, b"<5d").is_none() && int(1, b"x").is_none() && int(1, b"99d").is_none());
    }

    #[test]
    fn floats() {
        for (x, spec, want) in [
            (0.25, ".1f", "0.2"),
            (0.75, ".1f", "0.8"),
            (-0.0, ".2f", "-0.00"),
            (2.675, ".2f", "2.67"),
            (123456.5, ".0f", "123456"),
            (1e-9, ".3f", "0.000"),
            (99.995, ".2f", "100.00"),
        ] {
            assert_eq!(text(fixed(x, spec.as_bytes())).as_deref(), Some(want), "{x}");
            assert_eq!(want, format!("{:.*}", usize::from(spec.as_bytes()[1] - b'0'), x));
        }
        assert!(fixed(f64::NAN, b".2f").is_none() && fixed(1e300, b".2f").is_none());
    }
}
