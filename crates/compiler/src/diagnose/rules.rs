//! From the text of the grammar to rules in memory.
//!
//! ```text
//! text ─► words ─► Rule { alternatives: [Alt { items, action }] }     names become indices, literals become ids
//! ```
//! Invariant: the text is part of this crate and complete, so a name that no rule has is a bug found by the tests here;
//! at run time it is a rule that never matches.

use super::grammar;
use super::token::Kind;
use std::collections::HashMap;

/// One thing to match.
#[derive(Debug)]
pub(super) enum Item {
    /// Keyword or operator.
    Literal(u16),
    Kind(Kind),
    /// A name that is a keyword elsewhere.
    SoftKeyword,
    Rule(usize),
    Group(Vec<Alt>),
    Optional(Box<Item>),
    /// None or more; `true`: one or more.
    Repeat(Box<Item>, bool),
    /// One or more, separated by the literal.
    Separated(u16, Box<Item>),
    /// Look ahead; `false`: it must not match.
    Ahead(Box<Item>, bool),
    Demand(u16),
    Commit,
}

/// What to do with a match.
#[derive(Debug)]
pub(super) struct Action {
    pub verb: String,
    pub args: Vec<char>,
    pub text: String,
}

/// A sequence of items.
#[derive(Debug)]
pub(super) struct Alt {
    pub items: Vec<(char, Item)>,
    pub action: Option<Action>,
    /// Nothing but a rule for mistakes: tried in the second pass only.
    pub wrong: bool,
}

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub alts: Vec<Alt>,
    pub memo: bool,
    pub left: bool,
    /// Matches a parameter or list with the comma behind it.
    pub comma: bool,
}

/// All rules.
#[derive(Default)]
pub(super) struct Grammar {
    pub rules: Vec<Rule>,
    names: HashMap<String, usize>,
    literals: HashMap<String, u16>,
    texts: Vec<String>,
    /// Literals that cannot be names.
    keywords: Vec<bool>,
}

impl Grammar {
    pub(super) fn load() -> Grammar {
        let mut g = Grammar::default();
        let parts = [
            grammar::STATEMENTS,
            grammar::EXPRESSIONS,
            grammar::WRONG_STATEMENTS,
            grammar::WRONG_EXPRESSIONS,
        ];
        g.literal("", false);
        let definitions: Vec<(String, String)> = parts.iter().flat_map(|p| definitions(p)).collect();
        for (head, _) in &definitions {
            let name = head.split('(').next().unwrap_or(head);
            g.names.insert(name.to_string(), g.names.len());
        }
        for (head, body) in &definitions {
            let mut reader = Reader { words: words(body), at: 0 };
            let alts = reader.alts(&mut g);
            g.rules.push(Rule {
                alts,
                memo: head.ends_with("(memo)"),
                left: head.ends_with("(left)"),
                comma: head.ends_with("param_no_default") || head == "star_named_expressions",
            });
        }
        g
    }

    fn literal(&mut self, text: &str, keyword: bool) -> u16 {
        let next = self.texts.len() as u16;
        let id = *self.literals.entry(text.to_string()).or_insert(next);
        if id == next {
            self.texts.push(text.to_string());
            self.keywords.push(false);
        }
        self.keywords[usize::from(id)] |= keyword;
        id
    }

    /// Id of a token's text; 0: no literal has it.
    pub(super) fn id(&self, text: &str) -> u16 {
        self.literals.get(text).copied().unwrap_or(0)
    }

    pub(super) fn is_keyword(&self, id: u16) -> bool {
        self.keywords.get(usize::from(id)).copied().unwrap_or(false)
    }

    pub(super) fn text(&self, id: u16) -> &str {
        self.texts.get(usize::from(id)).map_or("", String::as_str)
    }

    pub(super) fn rule(&self, name: &str) -> usize {
        self.names.get(name).copied().unwrap_or(usize::MAX)
    }
}

/// `head: body`, where lines beginning with a space go on.
fn definitions(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty()) {
        match found.last_mut() {
            Some((_, body)) if line.starts_with(' ') => body.push_str(line),
            _ => {
                let (head, body) = line.split_once(':').unwrap_or((line, ""));
                found.push((head.to_string(), body.to_string()));
            }
        }
    }
    found
}

/// Splits a body into words: literals with their quotes, names, `=>`, `&&`, single characters.
fn words(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    let chars: Vec<char> = body.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let start = i;
        let c = chars[i];
        i += 1;
        if c == ' ' {
            continue;
        }
        if c == '\'' || c == '"' {
            while i < chars.len() && chars[i] != c {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c.is_alphanumeric() || c == '_' {
            while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_') {
                i += 1;
            }
        } else if chars.get(i).is_some_and(|&n| (c == '=' && n == '>') || (c == '&' && n == '&')) {
            i += 1;
        }
        found.push(chars[start..i.min(chars.len())].iter().collect());
    }
    found
}

struct Reader {
    words: Vec<String>,
    at: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> &str {
        self.words.get(self.at + ahead).map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        let word = self.peek(0).to_string();
        self.at += 1;
        word
    }

    fn alts(&mut self, g: &mut Grammar) -> Vec<Alt> {
        let mut alts = vec![self.alt(g)];
        while self.peek(0) == "|" {
            self.at += 1;
            alts.push(self.alt(g));
        }
        alts
    }

    fn alt(&mut self, g: &mut Grammar) -> Alt {
        let (mut items, mut action, start) = (Vec::new(), None, self.at);
        while !matches!(self.peek(0), "" | "|" | ")") {
            if self.peek(0) == "=>" {
                self.at += 1;
                action = Some(self.action());
                break;
            }
            let mut name = ' ';
            if self.peek(1) == "=" {
                name = self.next().chars().next().unwrap_or(' ');
                self.at += 1;
            }
            items.push((name, self.item(g)));
        }
        let wrong = items.len() == 1 && self.words[start].starts_with("invalid_");
        Alt { items, action, wrong }
    }

    fn action(&mut self) -> Action {
        let verb = self.next();
        let mut args = Vec::new();
        while matches!(self.peek(0), "a" | "b") {
            args.push(self.next().chars().next().unwrap_or(' '));
        }
        let mut text = String::new();
        if self.peek(0).starts_with('"') {
            let word = self.next();
            text = word[1..word.len() - 1].replace("\\\"", "\"");
        }
        Action { verb, args, text }
    }

    fn item(&mut self, g: &mut Grammar) -> Item {
        match self.peek(0) {
            "&&" => {
                self.at += 1;
                let word = self.next();
                return Item::Demand(g.literal(word.trim_matches('\''), false));
            }
            p @ ("&" | "!") => {
                let positive = p == "&";
                self.at += 1;
                return Item::Ahead(Box::new(self.atom(g)), positive);
            }
            "~" => {
                self.at += 1;
                return Item::Commit;
            }
            _ => {}
        }
        if self.peek(1) == "." {
            let word = self.next();
            self.at += 1;
            let separator = g.literal(word.trim_matches('\''), false);
            let item = self.atom(g);
            self.at += 1;
            return Item::Separated(separator, Box::new(item));
        }
        let item = self.atom(g);
        let suffix = self.peek(0).to_string();
        match suffix.as_str() {
            "?" => self.at += 1,
            "*" | "+" => self.at += 1,
            _ => return item,
        }
        if suffix == "?" {
            Item::Optional(Box::new(item))
        } else {
            Item::Repeat(Box::new(item), suffix == "+")
        }
    }

    fn atom(&mut self, g: &mut Grammar) -> Item {
        let word = self.next();
        if word == "(" {
            let alts = self.alts(g);
            self.at += 1;
            return Item::Group(alts);
        }
        if word.starts_with(['\'', '"']) {
            let text = word.trim_matches(['\'', '"']);
            let keyword = word.starts_with('\'') && text.starts_with(|c: char| c.is_alphabetic());
            return Item::Literal(g.literal(text, keyword));
        }
        Item::Kind(match word.as_str() {
            "NAME" => Kind::Name,
            "NUMBER" => Kind::Number,
            "STRING" => Kind::String,
            "FSTART" => Kind::Start(false),
            "FMIDDLE" => Kind::Middle(false),
            "FEND" => Kind::Stop(false),
            "TSTART" => Kind::Start(true),
            "TMIDDLE" => Kind::Middle(true),
            "TEND" => Kind::Stop(true),
            "NEWLINE" => Kind::Newline,
            "INDENT" => Kind::Indent,
            "DEDENT" => Kind::Dedent,
            "END" => Kind::EndMarker,
            "SOFT_KEYWORD" => return Item::SoftKeyword,
            name => return Item::Rule(g.rule(name)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(items: &[Alt], g: &Grammar) {
        for (_, item) in items.iter().flat_map(|a| &a.items) {
            match item {
                Item::Rule(i) => assert!(*i < g.rules.len(), "{item:?} in {items:?}"),
                Item::Group(alts) => check(alts, g),
                _ => {}
            }
        }
    }

    #[test]
    fn every_name_has_a_rule() {
        let g = Grammar::load();
        assert_eq!(g.rules.len(), g.names.len());
        for rule in &g.rules {
            check(&rule.alts, &g);
        }
        assert!(g.is_keyword(g.id("lambda")) && !g.is_keyword(g.id("match")) && !g.is_keyword(g.id("(")));
    }
}
