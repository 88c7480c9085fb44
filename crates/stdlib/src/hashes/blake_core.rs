//! BLAKE2b and BLAKE2s as RFC 7693 has them, with the parameter block given whole (the crates allow only parts of it).
//!
//!   h: 8 words = IV ^ parameters      buffer: one block, compressed when the next byte comes

const SIGMA: [[u8; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

macro_rules! blake {
    ($name:ident, $word:ty, $bytes:literal, $rounds:literal, $rot:expr, $iv:expr, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone)]
        pub(super) struct $name {
            h: [$word; 8],
            buffer: [u8; $bytes * 16],
            used: usize,
            /// Bytes so far: low word, high word.
            count: [u64; 2],
            last_node: bool,
            size: usize,
        }

        impl $name {
            const IV: [$word; 8] = $iv;

            /// With a parameter block of 8 words.
            pub fn new(parameters: &[u8; $bytes * 8], last_node: bool) -> Self {
                let mut h = Self::IV;
                for (x, p) in h.iter_mut().zip(parameters.chunks_exact($bytes)) {
                    *x ^= <$word>::from_le_bytes(p.try_into().unwrap_or_default());
                }
                let size = usize::from(parameters[0]);
                $name { h, buffer: [0; $bytes * 16], used: 0, count: [0; 2], last_node, size }
            }

            /// A key is a block before the data.
            pub fn add_key(&mut self, key: &[u8]) {
                if !key.is_empty() {
                    let mut block = [0; $bytes * 16];
                    block[..key.len()].copy_from_slice(key);
                    self.add(&block);
                }
            }

            pub fn add(&mut self, mut bytes: &[u8]) {
                while !bytes.is_empty() {
                    if self.used == self.buffer.len() {
                        self.advance(self.buffer.len());
                        self.compress(false);
                        self.used = 0;
                    }
                    let n = bytes.len().min(self.buffer.len() - self.used);
                    self.buffer[self.used..self.used + n].copy_from_slice(&bytes[..n]);
                    self.used += n;
                    bytes = &bytes[n..];
                }
            }

            pub fn finish(mut self) -> Vec<u8> {
                self.advance(self.used);
                self.buffer[self.used..].fill(0);
                self.compress(true);
                let all: Vec<u8> = self.h.iter().flat_map(|x| x.to_le_bytes()).collect();
                all[..self.size].to_vec()
            }

            fn advance(&mut self, n: usize) {
                let (low, carry) = self.count[0].overflowing_add(n as u64);
                self.count = [low, self.count[1] + u64::from(carry)];
            }

            fn compress(&mut self, last: bool) {
                let mut m = [0 as $word; 16];
                for (x, b) in m.iter_mut().zip(self.buffer.chunks_exact($bytes)) {
                    *x = <$word>::from_le_bytes(b.try_into().unwrap_or_default());
                }
                let mut v = [0 as $word; 16];
                v[..8].copy_from_slice(&self.h);
                v[8..].copy_from_slice(&Self::IV);
                let count = u128::from(self.count[1]) << 64 | u128::from(self.count[0]);
                v[12] ^= count as $word;
                v[13] ^= (count >> ($bytes * 8)) as $word;
                if last {
                    v[14] = !v[14];
                    if self.last_node {
                        v[15] = !v[15];
                    }
                }
                let [r1, r2, r3, r4]: [u32; 4] = $rot;
                let mut mix = |a: usize, b: usize, c: usize, d: usize, x: $word, y: $word| {
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
                    v[d] = (v[d] ^ v[a]).rotate_right(r1);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(r2);
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
                    v[d] = (v[d] ^ v[a]).rotate_right(r3);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right(r4);
                };
                for round in 0..$rounds {
                    let s = SIGMA[round % 10].map(|i| m[usize::from(i)]);
                    mix(0, 4, 8, 12, s[0], s[1]);
                    mix(1, 5, 9, 13, s[2], s[3]);
                    mix(2, 6, 10, 14, s[4], s[5]);
                    mix(3, 7, 11, 15, s[6], s[7]);
                    mix(0, 5, 10, 15, s[8], s[9]);
                    mix(1, 6, 11, 12, s[10], s[11]);
                    mix(2, 7, 8, 13, s[12], s[13]);
                    mix(3, 4, 9, 14, s[14], s[15]);
                }
                for i in 0..8 {
                    self.h[i] ^= v[i] ^ v[i + 8];
                }
            }
        }
    };
}

blake!(
    Blake2b,
    u64,
    8,
    12,
    [32, 24, 16, 63],
    [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ],
    "BLAKE2b: 64-bit words, up to 64 bytes."
);

blake!(
    Blake2s,
    u32,
    4,
    10,
    [16, 12, 8, 7],
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,],
    "BLAKE2s: 32-bit words, up to 32 bytes."
);
