//! Chains and groups of captured exceptions as text.
//!
//!   | ExceptionGroup: several (2 sub-exceptions)      depth 1: every line behind a `| ` margin
//!   +-+---------------- 1 ----------------
//!     | ValueError: x                                 depth 2: margin two columns further right
//!     +------------------------------------

use super::{Captured, FrameText};

const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";
const MAX_GROUP_WIDTH: usize = 15;
const MAX_GROUP_DEPTH: usize = 10;
/// How often a repeated line is shown before its repetitions are counted.
const RECURSIVE_CUTOFF: usize = 3;

struct Renderer<'a> {
    all: &'a [Captured],
    out: String,
    depth: usize,
    need_close: bool,
}

/// The text of the first exception and of all it leads to.
pub(super) fn render(all: &[Captured]) -> Vec<u8> {
    let mut r = Renderer { all, out: String::new(), depth: 0, need_close: false };
    r.chain(0);
    r.out.into_bytes()
}

impl Renderer<'_> {
    fn indent(&self) -> String {
        " ".repeat(2 * self.depth)
    }

    /// Adds text, each line behind the margin.
    fn emit(&mut self, text: &str, margin: char) {
        if self.depth == 0 {
            self.out.push_str(text);
            return;
        }
        let indent = self.indent();
        for line in text.split_inclusive('\n') {
            self.out.push_str(&indent);
            self.out.push(margin);
            self.out.push(' ');
            self.out.push_str(line);
        }
    }

    /// An exception, after those that led to it. Recursion is bounded by [`MAX_GROUP_DEPTH`].
    fn chain(&mut self, first: usize) {
        let mut order = Vec::new();
        let mut next = Some(first);
        while let Some(i) = next {
            let e = &self.all[i];
            let (message, before) = match (e.cause, e.context) {
                (Some(cause), _) => (Some(CAUSE), Some(cause)),
                (None, Some(context)) if !e.suppress_context => (Some(CONTEXT), Some(context)),
                _ => (None, None),
            };
            order.push((message, i));
            next = before;
        }
        for (message, i) in order.into_iter().rev() {
            if let Some(message) = message {
                self.emit(message, '|');
            }
            match &self.all[i].members {
                None => self.single(i),
                Some(_) if self.depth > MAX_GROUP_DEPTH => {
                    self.emit(&format!("... (max_group_depth is {MAX_GROUP_DEPTH})\n"), '|');
                }
                Some(members) => self.group(i, members),
            }
        }
    }

    fn single(&mut self, i: usize) {
        let e = &self.all[i];
        if !e.frames.is_empty() {
            self.emit("Traceback (most recent call last):\n", '|');
            self.emit(&stack_text(&e.frames), '|');
        }
        self.emit(&final_text(e), '|');
    }

    fn group(&mut self, i: usize, members: &[usize]) {
        let e = &self.all[i];
        let top = self.depth == 0;
        if top {
            self.depth = 1;
        }
        if !e.frames.is_empty() {
            let margin = if top { '+' } else { '|' };
            self.emit("Exception Group Traceback (most recent call last):\n", margin);
            self.emit(&stack_text(&e.frames), '|');
        }
        self.emit(&final_text(e), '|');
        let n = members.len().min(MAX_GROUP_WIDTH + 1);
        self.need_close = false;
        for (k, &member) in members.iter().take(n).enumerate() {
            let last = k == n - 1;
            if last {
                // The closing line may be added by a nested group.
                self.need_close = true;
            }
            let cut = k >= MAX_GROUP_WIDTH;
            let title = if cut { "...".to_owned() } else { (k + 1).to_string() };
            let start = if k == 0 { "+-" } else { "  " };
            self.out
                .push_str(&format!("{}{start}+---------------- {title} ----------------\n", self.indent()));
            self.depth += 1;
            if cut {
                let more = members.len() - MAX_GROUP_WIDTH;
                let plural = if more > 1 { "s" } else { "" };
                self.emit(&format!("and {more} more exception{plural}\n"), '|');
            } else {
                self.chain(member);
            }
            if last && self.need_close {
                self.out.push_str(&format!("{}+------------------------------------\n", self.indent()));
                self.need_close = false;
            }
            self.depth -= 1;
        }
        if top {
            self.depth = 0;
        }
    }
}

fn final_text(e: &Captured) -> String {
    let mut out = match &e.syntax {
        Some(s) => s.text(&e.class),
        None if e.text.is_empty() => format!("{}\n", e.class),
        None => format!("{}: {}\n", e.class, e.text),
    };
    for note in &e.notes {
        out.push_str(note);
        out.push('\n');
    }
    out
}

pub(super) fn stack_text(frames: &[FrameText]) -> String {
    let mut out = String::new();
    let mut last: Option<&FrameText> = None;
    let mut count = 0;
    let fold = |out: &mut String, count: usize| {
        if count > RECURSIVE_CUTOFF {
            let more = count - RECURSIVE_CUTOFF;
            let plural = if more > 1 { "s" } else { "" };
            out.push_str(&format!("  [Previous line repeated {more} more time{plural}]\n"));
        }
    };
    for f in frames {
        let same = last.is_some_and(|l| l.filename == f.filename && l.line == f.line && l.name == f.name);
        if !same {
            fold(&mut out, count);
            last = Some(f);
            count = 0;
        }
        count += 1;
        if count > RECURSIVE_CUTOFF {
            continue;
        }
        let stdin = f.filename.starts_with("<stdin-") && f.filename.ends_with('>');
        let filename = if stdin { "<stdin>" } else { &f.filename };
        out.push_str(&format!("  File \"{filename}\", line {}, in {}\n", f.line, f.name));
        out.push_str(&f.source);
    }
    fold(&mut out, count);
    out
}
