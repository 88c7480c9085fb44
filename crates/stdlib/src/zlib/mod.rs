//! The module `zlib`: deflate streams with their three wrappings, checksums.
//!
//!   wbits   -15…-8 raw      8…15 zlib      24…31 gzip      40…47 (reading) zlib or gzip
//!
//! miniz_oxide does the work; its state is charged to the heap. gzip's wrapping is written and read here.

mod deflate;
mod inflate;

use crate::prelude::{
    Args, Exc, NativeDef, PyResult, Raised, Ref, Vm, add_exception, buffer, bytes_arg, new_module, raise_of,
};
use hognose_vm::TextBuf;

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("adler32", "data, value=1, /", |vm, a| {
        let start = checksum_start(vm, a.opt(1), 1)?;
        let data = bytes_arg(vm, a.get(0))?;
        let mut sum = simd_adler32::Adler32::from_checksum(start);
        sum.write(buffer::exact(data.as_ref()));
        vm.new_int(i64::from(sum.finish()))
    }),
    NativeDef::function("crc32", "data, value=0, /", |vm, a| {
        let start = checksum_start(vm, a.opt(1), 0)?;
        let data = bytes_arg(vm, a.get(0))?;
        vm.new_int(i64::from(crc32(start, buffer::exact(data.as_ref()))))
    }),
    NativeDef::function(
        "compress",
        "data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS",
        deflate::compress,
    ),
    NativeDef::function(
        "compressobj",
        "level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, \
         strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>",
        deflate::compressobj,
    ),
    NativeDef::function("decompress", "data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE", inflate::decompress),
    NativeDef::function("decompressobj", "wbits=MAX_WBITS, zdict=b''", inflate::decompressobj),
];

/// CRC-32 continued.
pub(crate) fn crc32(start: u32, bytes: &[u8]) -> u32 {
    let mut h = crc32fast::Hasher::new_with_initial(start);
    h.update(bytes);
    h.finalize()
}

/// The low 32 bits of an int.
pub(crate) fn checksum_start(vm: &mut Vm, r: Option<Ref<'_>>, default: u32) -> PyResult<u32> {
    let Some(r) = r else { return Ok(default) };
    let n = vm.index_bigint(r)?;
    let low = n & num_bigint::BigInt::from(u32::MAX);
    Ok(u32::try_from(low).unwrap_or(0))
}

const NUMBERS: &[(&str, i64)] = &[
    ("MAX_WBITS", 15),
    ("DEFLATED", 8),
    ("DEF_MEM_LEVEL", 8),
    ("DEF_BUF_SIZE", 16384),
    ("Z_NO_COMPRESSION", 0),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

/// Makes the module `zlib`.
pub fn make(vm: &mut Vm) -> PyResult {
    let doc = "The functions in this module allow compression and decompression using the\nzlib library, which is based on GNU zip.";
    let module = new_module(vm, "zlib", doc, FUNCTIONS)?;
    for &(name, n) in NUMBERS {
        let n = vm.new_int(n)?;
        vm.module_set(module.as_ref(), name, n)?;
    }
    for (name, text) in [("ZLIB_VERSION", "1.3.1"), ("ZLIB_RUNTIME_VERSION", "1.3.1"), ("__version__", "1.0")]
    {
        let text = vm.new_str(text)?;
        vm.module_set(module.as_ref(), name, text)?;
    }
    add_exception(vm, module.as_ref(), "error", "zlib", Exc::Exception)?;
    deflate::register(vm)?;
    inflate::register(vm, module.as_ref())?;
    Ok(module)
}

/// `zlib.error`
#[cold]
fn error(vm: &mut Vm, message: &str) -> Raised {
    raise_of(vm, "zlib", "error", message)
}

/// How a stream is wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wrap {
    Raw,
    Zlib,
    Gzip,
    /// What the first bytes say.
    Either,
}

/// `wbits`, if it is one.
fn wrap_of(vm: &mut Vm, r: Option<Ref<'_>>, reading: bool) -> PyResult<Option<Wrap>> {
    let n = match r {
        Some(r) => vm.index_i32(r)?,
        None => 15,
    };
    Ok(match n {
        -15..=-8 => Some(Wrap::Raw),
        8..=15 => Some(Wrap::Zlib),
        0 if reading => Some(Wrap::Zlib),
        24..=31 => Some(Wrap::Gzip),
        16 if reading => Some(Wrap::Gzip),
        40..=47 | 32 if reading => Some(Wrap::Either),
        _ => None,
    })
}

/// A chunk of output on its way into the heap.
struct Output {
    text: TextBuf,
    chunk: Box<[u8]>,
}

impl Output {
    fn new() -> Output {
        Output { text: TextBuf::new(), chunk: vec![0; 16 << 10].into_boxed_slice() }
    }

    fn take(&mut self, vm: &Vm, n: usize) -> PyResult<()> {
        self.text.push(vm, &self.chunk[..n])
    }
}

/// Is a `max_length` or the like.
fn length_arg(vm: &mut Vm, a: &Args<'_>, i: usize, default: isize) -> PyResult<isize> {
    match a.opt(i) {
        Some(r) => vm.ssize_arg(r),
        None => Ok(default),
    }
}
