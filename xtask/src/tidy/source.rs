//! Checks on one Rust file.
//!
//! Two readings of the same text: the syntax tree gives functions and their docs; the token tree, which also sees
//! inside macros, gives `unsafe` and unfinished code; lines give the comments that neither keeps.
//! Invariant: a file that does not parse is a finding, never a silent pass.

use super::Finding;
use super::ratchet::Measured;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::ops::RangeInclusive;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// What one file gave.
#[derive(Default)]
pub struct Report {
    /// To mend.
    pub findings: Vec<Finding>,
    /// The file and its functions with their lengths.
    pub measured: Vec<Measured>,
    /// Lines of items under `#[cfg(test)]`.
    pub test_lines: Vec<RangeInclusive<usize>>,
}

/// Checks one file; `path` is relative to the workspace.
pub fn check(path: &str, text: &str) -> Report {
    let mut report = Report::default();
    if !text.starts_with("//!") {
        report.findings.push(Finding::new(path, 1, "opens without `//!`: structure, picture, invariant"));
    }
    let (file, tokens) = match (syn::parse_file(text), text.parse::<TokenStream>()) {
        (Ok(file), Ok(tokens)) => (file, tokens),
        (Err(e), _) => {
            report.findings.push(Finding::new(path, e.span().start().line, format!("does not parse: {e}")));
            return report;
        }
        (_, Err(e)) => {
            report.findings.push(Finding::new(path, e.span().start().line, format!("does not parse: {e}")));
            return report;
        }
    };
    let generated = text.lines().take(5).any(|l| l.contains("@generated"));
    if !generated {
        report.measured.push(Measured::file(path, text.lines().count()));
    }
    report.test_lines = file.items.iter().filter(|i| is_test_item(i)).map(lines_of).collect();
    let mut functions = Functions { path, scope: Vec::new(), report: &mut report, generated };
    functions.visit_file(&file);
    let mut tokens_check = Tokens {
        path,
        lines: text.lines().collect(),
        report: &mut report,
        opted_in: false,
        first_unsafe: None,
    };
    tokens_check.walk(tokens, &[]);
    let (opted_in, first_unsafe) = (tokens_check.opted_in, tokens_check.first_unsafe);
    if let (false, Some(line)) = (opted_in, first_unsafe) {
        let what = "unsafe code without `#![allow(unsafe_code, reason = \"…\")]` in this file";
        report.findings.push(Finding::new(path, line, what));
    }
    report
}

fn lines_of(node: &impl Spanned) -> RangeInclusive<usize> {
    let span = node.span();
    span.start().line..=span.end().line
}

fn is_test_item(item: &syn::Item) -> bool {
    let attrs = match item {
        syn::Item::Mod(m) => &m.attrs,
        syn::Item::Fn(f) => &f.attrs,
        syn::Item::Use(u) => &u.attrs,
        _ => return false,
    };
    attrs.iter().any(|a| {
        a.path().is_ident("cfg")
            && a.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("test"))
    })
}

/// Lengths and `# Safety` sections.
struct Functions<'a> {
    path: &'a str,
    scope: Vec<String>,
    report: &'a mut Report,
    generated: bool,
}

impl Functions<'_> {
    fn function(&mut self, sig: &syn::Signature, end: usize) {
        if self.generated {
            return;
        }
        let start = sig.span().start().line;
        let mut name = self.scope.join("::");
        if !name.is_empty() {
            name.push_str("::");
        }
        name += &sig.ident.to_string();
        self.report.measured.push(Measured::function(self.path, &name, start, end + 1 - start));
    }

    fn safety_section(&mut self, vis: &syn::Visibility, sig: &syn::Signature, attrs: &[syn::Attribute]) {
        if !matches!(vis, syn::Visibility::Public(_))
            || !matches!(sig.safety, syn::Safety::Unsafe(_))
            || has_safety_section(attrs)
        {
            return;
        }
        let what = format!("`pub unsafe fn {}` without a `# Safety` section", sig.ident);
        self.report.findings.push(Finding::new(self.path, sig.span().start().line, what));
    }

    fn nested(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.scope.push(name);
        visit(self);
        self.scope.pop();
    }
}

fn has_safety_section(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|a| match &a.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(s), .. }) => s.value().trim() == "# Safety",
            _ => false,
        },
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, f: &'ast syn::ItemFn) {
        self.function(&f.sig, f.block.span().end().line);
        self.safety_section(&f.vis, &f.sig, &f.attrs);
        self.nested(f.sig.ident.to_string(), |v| visit::visit_item_fn(v, f));
    }

    fn visit_impl_item_fn(&mut self, f: &'ast syn::ImplItemFn) {
        self.function(&f.sig, f.block.span().end().line);
        self.safety_section(&f.vis, &f.sig, &f.attrs);
        self.nested(f.sig.ident.to_string(), |v| visit::visit_impl_item_fn(v, f));
    }

    fn visit_item_trait(&mut self, t: &'ast syn::ItemTrait) {
        for item in &t.items {
            if let syn::TraitItem::Fn(f) = item {
                self.safety_section(&t.vis, &f.sig, &f.attrs);
            }
        }
        self.nested(t.ident.to_string(), |v| visit::visit_item_trait(v, t));
    }

    fn visit_trait_item_fn(&mut self, f: &'ast syn::TraitItemFn) {
        if let Some(body) = &f.default {
            self.function(&f.sig, body.span().end().line);
        }
        visit::visit_trait_item_fn(self, f);
    }

    fn visit_item_impl(&mut self, i: &'ast syn::ItemImpl) {
        let name = match &*i.self_ty {
            syn::Type::Path(p) => p.path.segments.last().map(|s| s.ident.to_string()),
            _ => None,
        };
        self.nested(name.unwrap_or_else(|| "impl".to_owned()), |v| visit::visit_item_impl(v, i));
    }

    fn visit_item_mod(&mut self, m: &'ast syn::ItemMod) {
        self.nested(m.ident.to_string(), |v| visit::visit_item_mod(v, m));
    }
}

/// `unsafe`, its notes, and unfinished code.
struct Tokens<'a> {
    path: &'a str,
    lines: Vec<&'a str>,
    report: &'a mut Report,
    opted_in: bool,
    first_unsafe: Option<usize>,
}

impl Tokens<'_> {
    /// `outer` are the lines on which the statements around this stream start, within the same block.
    fn walk(&mut self, stream: TokenStream, outer: &[usize]) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut statement = None;
        for (i, token) in tokens.iter().enumerate() {
            let line = token.span().start().line;
            let start = *statement.get_or_insert(line);
            match token {
                TokenTree::Ident(word) => self.word(&word.to_string(), line, tokens.get(i + 1), outer, start),
                TokenTree::Punct(p) if matches!(p.as_char(), ';' | ',') => statement = None,
                // The arrow of a match arm: a note may stand between it and the body.
                TokenTree::Punct(p) if p.as_char() == '>' && is_fat_arrow(&tokens, i) => statement = None,
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    self.walk(group.stream(), &[]);
                    statement = None;
                }
                TokenTree::Group(group) => {
                    let mut around = outer.to_vec();
                    around.push(start);
                    self.walk(group.stream(), &around);
                }
                _ => {}
            }
        }
    }

    fn word(&mut self, word: &str, line: usize, next: Option<&TokenTree>, outer: &[usize], start: usize) {
        match (word, next) {
            ("todo" | "unimplemented", Some(TokenTree::Punct(p))) if p.as_char() == '!' => {
                self.report.findings.push(Finding::new(self.path, line, format!("unfinished: {word}!")));
            }
            ("allow" | "expect", Some(TokenTree::Group(group))) => self.opt_in(group, line),
            ("unsafe", Some(TokenTree::Group(group))) if group.delimiter() == Delimiter::Brace => {
                let first = group.stream().into_iter().next().map(|t| t.span().start().line);
                let inside = line..=first.unwrap_or(group.span_close().end().line);
                self.needs_note(line, outer, start, inside);
            }
            ("unsafe", Some(TokenTree::Ident(next))) if next == "impl" => {
                self.needs_note(line, outer, start, line..=line);
            }
            ("unsafe", Some(TokenTree::Ident(_))) => {
                self.first_unsafe.get_or_insert(line);
            }
            _ => {}
        }
    }

    /// `allow(unsafe_code, reason = "…")`.
    fn opt_in(&mut self, group: &proc_macro2::Group, line: usize) {
        let words: Vec<String> = group.stream().into_iter().map(|t| t.to_string()).collect();
        if !words.iter().any(|w| w == "unsafe_code") {
            return;
        }
        self.opted_in = true;
        if !words.iter().any(|w| w == "reason") {
            let what = "`allow(unsafe_code)` without a reason";
            self.report.findings.push(Finding::new(self.path, line, what));
        }
    }

    fn needs_note(&mut self, line: usize, outer: &[usize], start: usize, inside: RangeInclusive<usize>) {
        self.first_unsafe.get_or_insert(line);
        let above = outer.iter().chain([&start, &line]).any(|&l| self.note_above(l));
        let within = inside.into_iter().any(|l| self.is_note(l));
        if !above && !within {
            let what = "unsafe without a `// SAFETY:` note before or in it";
            self.report.findings.push(Finding::new(self.path, line, what));
        }
    }

    /// A note in the comment that ends directly above a line, attributes in between. `SAFETY (all three):` covers
    /// the run of lines with `unsafe` that follows it.
    fn note_above(&self, line: usize) -> bool {
        let mut shared = false;
        for l in (1..line).rev() {
            let text = self.line(l).trim_start();
            if text.starts_with("//") {
                if self.is_note(l) {
                    return !shared || text.contains("SAFETY (");
                }
            } else if text.contains("unsafe") {
                shared = true;
            } else if !text.starts_with("#[") {
                return false;
            }
        }
        false
    }

    fn is_note(&self, line: usize) -> bool {
        let comment = self.line(line).split_once("//").map_or("", |(_, comment)| comment.trim_start());
        ["SAFETY:", "SAFETY ("].iter().any(|start| comment.starts_with(start))
    }

    fn line(&self, line: usize) -> &str {
        self.lines.get(line - 1).copied().unwrap_or_default()
    }
}

fn is_fat_arrow(tokens: &[TokenTree], i: usize) -> bool {
    matches!(i.checked_sub(1).map(|i| &tokens[i]), Some(TokenTree::Punct(p)) if p.as_char() == '=')
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
