//! Source lines for tracebacks: read from files once per rendering, and text helpers on lines.

use crate::Library;
use crate::library::relative;
use std::collections::HashMap;
use std::rc::Rc;

/// Files read so far; unreadable ones have no lines.
pub(super) struct Sources {
    files: HashMap<String, Rc<Vec<String>>>,
    library: Option<&'static dyn Library>,
}

/// Larger files are not read for the sake of a traceback.
const MAX_BYTES: u64 = 64 << 20;

impl Sources {
    /// Nothing read yet; `library`: where else there are files.
    pub fn new(library: Option<&'static dyn Library>) -> Sources {
        Sources { files: HashMap::new(), library }
    }

    /// The lines of a file; empty for names like `<string>` and for what cannot be read.
    pub fn lines(&mut self, filename: &str) -> Rc<Vec<String>> {
        if let Some(lines) = self.files.get(filename) {
            return lines.clone();
        }
        let lines = Rc::new(if filename.starts_with('<') { Vec::new() } else { self.read(filename) });
        self.files.insert(filename.to_owned(), lines.clone());
        lines
    }

    fn read(&self, filename: &str) -> Vec<String> {
        let carried = self.library.and_then(|l| l.read(relative(l, filename)?));
        carried.or_else(|| read(filename)).map_or_else(Vec::new, |bytes| split(&bytes))
    }

    /// Lines `first..=last` from 1, without trailing white space; absent ones are empty.
    pub fn range(&mut self, filename: &str, first: u32, last: u32) -> Vec<String> {
        let lines = self.lines(filename);
        let line = |n: u32| lines.get((n as usize).wrapping_sub(1)).map_or("", |l| l.trim_end()).to_owned();
        (first..=last.max(first).min(first.saturating_add(lines.len() as u32))).map(line).collect()
    }
}

fn read(filename: &str) -> Option<Vec<u8>> {
    let small = std::fs::metadata(filename).is_ok_and(|m| m.is_file() && m.len() <= MAX_BYTES);
    if small { std::fs::read(filename).ok() } else { None }
}

fn split(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l).to_owned()).collect()
}

/// Takes the white space that all lines begin with away; blank lines become empty.
pub(super) fn dedent(lines: &mut [String]) {
    let mut margin: Option<&str> = None;
    for line in lines.iter() {
        if line.trim().is_empty() {
            continue;
        }
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        margin = Some(match margin {
            None => indent,
            Some(m) => {
                let same = m.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &m[..same]
            }
        });
    }
    let n = margin.map_or(0, str::len);
    for line in lines {
        *line = if line.trim().is_empty() { String::new() } else { line[n..].to_owned() };
    }
}

/// Characters in the first `bytes` bytes.
pub(super) fn char_offset(line: &str, bytes: usize) -> usize {
    String::from_utf8_lossy(&line.as_bytes()[..bytes.min(line.len())]).chars().count()
}

/// Columns that the first `chars` characters take on a terminal.
pub(super) fn display_width(line: &str, chars: usize) -> usize {
    if line.is_ascii() {
        return chars;
    }
    line.chars().take(chars).map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x231A..=0x231B | 0x2329..=0x232A | 0x23E9..=0x23EC | 0x23F0 | 0x23F3
        | 0x25FD..=0x25FE | 0x2614..=0x2615 | 0x2648..=0x2653 | 0x267F | 0x2693 | 0x26A1 | 0x26AA..=0x26AB
        | 0x26BD..=0x26BE | 0x26C4..=0x26C5 | 0x26CE | 0x26D4 | 0x26EA | 0x26F2..=0x26F3 | 0x26F5 | 0x26FA
        | 0x26FD | 0x2705 | 0x270A..=0x270B | 0x2728 | 0x274C | 0x274E | 0x2753..=0x2755 | 0x2757
        | 0x2795..=0x2797 | 0x27B0 | 0x27BF | 0x2B1B..=0x2B1C | 0x2B50 | 0x2B55 | 0x2E80..=0x303E
        | 0x3041..=0x33FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA000..=0xA4C6 | 0xA960..=0xA97C
        | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE10..=0xFE19 | 0xFE30..=0xFE6B | 0xFF01..=0xFF60
        | 0xFFE0..=0xFFE6 | 0x16FE0..=0x18CFF | 0x1AFF0..=0x1B2FB | 0x1F004 | 0x1F0CF | 0x1F18E
        | 0x1F191..=0x1F19A | 0x1F200..=0x1F320 | 0x1F32D..=0x1F335 | 0x1F337..=0x1F37C | 0x1F37E..=0x1F393
        | 0x1F3A0..=0x1F3CA | 0x1F3CF..=0x1F3D3 | 0x1F3E0..=0x1F3F0 | 0x1F3F4 | 0x1F3F8..=0x1F43E | 0x1F440
        | 0x1F442..=0x1F4FC | 0x1F4FF..=0x1F53D | 0x1F54B..=0x1F54E | 0x1F550..=0x1F567 | 0x1F57A
        | 0x1F595..=0x1F596 | 0x1F5A4 | 0x1F5FB..=0x1F64F | 0x1F680..=0x1F6C5 | 0x1F6CC | 0x1F6D0..=0x1F6D2
        | 0x1F6D5..=0x1F6D7 | 0x1F6DC..=0x1F6DF | 0x1F6EB..=0x1F6EC | 0x1F6F4..=0x1F6FC | 0x1F7E0..=0x1F7EB
        | 0x1F7F0 | 0x1F90C..=0x1F93A | 0x1F93C..=0x1F945 | 0x1F947..=0x1F9FF | 0x1FA70..=0x1FAFF
        | 0x20000..=0x2FFFD | 0x30000..=0x3FFFD)
}
