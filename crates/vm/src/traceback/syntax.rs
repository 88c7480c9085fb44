//! The place of a SyntaxError: file, line of text, carets.

use super::{safe_text, text_of_str};
use crate::types::exceptions::fields;
use crate::{PyResult, Vm};
use hognose_object::{Ref, int};

/// What is shown of a SyntaxError.
pub(super) struct SyntaxText {
    filename: Option<String>,
    line: Option<String>,
    end_line: Option<String>,
    text: Option<String>,
    offset: Option<i64>,
    end_offset: Option<i64>,
    msg: String,
}

/// Reads the attributes; nothing when one of them cannot be read.
pub(super) fn capture(vm: &mut Vm, exc: Ref<'_>) -> Option<SyntaxText> {
    match read(vm, exc) {
        Ok(s) => Some(s),
        Err(e) => {
            vm.discard(e);
            None
        }
    }
}

fn read(vm: &mut Vm, exc: Ref<'_>) -> PyResult<SyntaxText> {
    let text = |vm: &mut Vm, name: &str| -> PyResult<Option<String>> {
        let v = fields::load(vm, exc, name)?;
        Ok(v.map(|v| safe_text(vm, v.as_ref(), name, Vm::str)))
    };
    let number = |vm: &mut Vm, name: &str| -> PyResult<Option<i64>> {
        Ok(fields::load(vm, exc, name)?.and_then(|v| int::small_int_of(v.as_ref())))
    };
    Ok(SyntaxText {
        filename: text(vm, "filename")?,
        line: text(vm, "lineno")?,
        end_line: text(vm, "end_lineno")?,
        text: fields::load(vm, exc, "text")?.and_then(|t| text_of_str(t.as_ref())),
        offset: number(vm, "offset")?,
        end_offset: number(vm, "end_offset")?,
        msg: text(vm, "msg")?.unwrap_or_else(|| "None".to_owned()),
    })
}

impl SyntaxText {
    /// The whole display, the message last.
    pub fn text(&self, class: &str) -> String {
        let mut out = String::new();
        let mut suffix = String::new();
        match (&self.line, &self.filename) {
            (Some(line), filename) => {
                let filename = filename.as_deref().filter(|f| !f.is_empty()).unwrap_or("<string>");
                out.push_str(&format!("  File \"{filename}\", line {line}\n"));
            }
            (None, Some(filename)) => suffix = format!(" ({filename})"),
            (None, None) => {}
        }
        if let Some(text) = &self.text {
            self.put_place(text, &mut out);
        }
        let msg = if self.msg.is_empty() || self.msg == "None" { "<no detail available>" } else { &self.msg };
        out.push_str(&format!("{class}: {msg}{suffix}\n"));
        out
    }

    fn put_place(&self, text: &str, out: &mut String) {
        let rtext = text.trim_end_matches('\n');
        let ltext = rtext.trim_start_matches([' ', '\n', '\u{c}']);
        let count = |s: &str| s.chars().count() as i64;
        let (length, spaces) = (count(rtext), count(rtext) - count(ltext));
        out.push_str(&format!("    {ltext}\n"));
        let Some(mut offset) = self.offset else { return };
        let mut end = if self.line == self.end_line {
            self.end_offset.filter(|&e| e != 0).unwrap_or(offset)
        } else {
            length + 1
        };
        if !text.is_empty() && offset > count(text) {
            offset = length + 1;
        }
        if !text.is_empty() && end > count(text) {
            end = length + 1;
        }
        if offset >= end || end < 0 {
            end = offset.saturating_add(1);
        }
        let (col, end_col) = (offset.saturating_sub(1 + spaces), end.saturating_sub(1 + spaces));
        if col >= 0 {
            // Tabs must be kept for alignment.
            let gap: String =
                ltext.chars().take(col as usize).map(|c| if c.is_whitespace() { c } else { ' ' }).collect();
            let width = usize::try_from(end_col - col).unwrap_or(0).min(1 << 16);
            out.push_str(&format!("    {gap}{}\n", "^".repeat(width)));
        }
    }
}
