//! SHA-512, which turns text seeds into numbers. The round constants are the first 64 bits of the fractional parts of
//! the cube roots of the first 80 primes, computed here in integer arithmetic.

/// The first 64 bits of the fraction of the `k`-th root (2 or 3) of `p`.
fn root_fraction(p: u64, k: u32) -> u64 {
    // The largest x with x^k <= p * 2^(64k), bit by bit; big numbers as little-endian words.
    let mut x: u128 = 0;
    for bit in (0..68).rev() {
        let y = x | 1 << bit;
        if power_at_most(y, k, p) {
            x = y;
        }
    }
    x as u64
}

/// Is `y^k <= p * 2^(64 k)`?
fn power_at_most(y: u128, k: u32, p: u64) -> bool {
    let factor = [y as u64, (y >> 64) as u64];
    let mut product = [0u64; 8];
    product[0] = 1;
    for _ in 0..k {
        let mut next = [0u64; 8];
        for (i, &a) in product.iter().enumerate() {
            let mut carry = 0u128;
            for (j, &b) in factor.iter().enumerate() {
                let Some(place) = next.get_mut(i + j) else { break };
                let t = u128::from(a) * u128::from(b) + u128::from(*place) + carry;
                *place = t as u64;
                carry = t >> 64;
            }
            let mut at = i + 2;
            while carry > 0 && at < 8 {
                let t = u128::from(next[at]) + carry;
                next[at] = t as u64;
                carry = t >> 64;
                at += 1;
            }
        }
        product = next;
    }
    let k = k as usize;
    let high = &product[k + 1..];
    if high.iter().any(|&w| w != 0) {
        return false;
    }
    product[k] < p || product[k] == p && product[..k].iter().all(|&w| w == 0)
}

fn primes(n: usize) -> Vec<u64> {
    let mut found: Vec<u64> = Vec::with_capacity(n);
    let mut candidate = 2;
    while found.len() < n {
        if found.iter().all(|p| candidate % p != 0) {
            found.push(candidate);
        }
        candidate += 1;
    }
    found
}

/// The digest of `data`.
pub(super) fn digest(data: &[u8]) -> [u8; 64] {
    let primes = primes(80);
    let constants: Vec<u64> = primes.iter().map(|&p| root_fraction(p, 3)).collect();
    let mut state = [0u64; 8];
    for (s, &p) in state.iter_mut().zip(&primes) {
        *s = root_fraction(p, 2);
    }
    let mut padded = data.to_vec();
    padded.push(0x80);
    while padded.len() % 128 != 112 {
        padded.push(0);
    }
    padded.extend_from_slice(&(data.len() as u128 * 8).to_be_bytes());
    for block in padded.as_chunks::<128>().0 {
        compress(&mut state, block, &constants);
    }
    let mut out = [0; 64];
    for (o, s) in out.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *o = s.to_be_bytes();
    }
    out
}

fn compress(state: &mut [u64; 8], block: &[u8; 128], constants: &[u64]) {
    let mut w = [0u64; 80];
    for (x, c) in w.iter_mut().zip(block.as_chunks::<8>().0) {
        *x = u64::from_be_bytes(*c);
    }
    for t in 16..80 {
        let (a, b) = (w[t - 15], w[t - 2]);
        let s0 = a.rotate_right(1) ^ a.rotate_right(8) ^ (a >> 7);
        let s1 = b.rotate_right(19) ^ b.rotate_right(61) ^ (b >> 6);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (&k, &x) in constants.iter().zip(&w) {
        let s1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
        let t1 = h.wrapping_add(s1).wrapping_add((e & f) ^ (!e & g)).wrapping_add(k).wrapping_add(x);
        let s0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (s, x) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *s = s.wrapping_add(x);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn abc() {
        let hex: String = super::digest(b"abc").iter().map(|b| format!("{b:02x}")).collect();
        assert!(hex.starts_with("ddaf35a193617abacc417349ae204131"));
        assert!(hex.ends_with("2a9ac94fa54ca49f"));
    }
}
