//! Matches tokens against the grammar the way the reference parser does, so that the furthest token read is the same.
//!
//! ```text
//! pass 1: rules without mistakes ─► furthest token        pass 2: rules for mistakes, too ─► the first that matches raises
//! ```
//! A match gives the index of the token after it. Only rules marked `memo` or `left` remember results; everything else is
//! tried again, as in the reference. Invariant: depth and number of steps are bounded, else [`Stop::TooMuch`].

use super::rules::{Alt, Grammar, Item};
use super::token::{Kind, Token, Tokens};
use crate::error::CompileError;
use std::collections::HashMap;

/// Rules inside each other.
const MAX_DEPTH: usize = 12_000;
/// Results remembered for one statement.
const MAX_MEMO: usize = 1_000_000;
/// Rules tried in all.
const MAX_STEPS: usize = 30_000_000;

/// Why matching stopped early.
pub(super) enum Stop {
    /// An error of the grammar.
    Error(Box<CompileError>),
    /// The tokens end with an error.
    Tokens,
    /// Too deep or too long.
    TooMuch,
}

pub(super) type Match = Result<Option<usize>, Stop>;
/// First and last-but-one token of something with a name.
pub(super) type Span = (usize, usize);
pub(super) type Bound = Vec<(char, Span)>;

pub(super) struct Matcher<'a> {
    pub source: &'a str,
    pub tokens: &'a Tokens,
    pub grammar: &'a Grammar,
    /// Literal of each token.
    pub ids: Vec<u16>,
    /// Number of tokens read.
    pub fill: usize,
    /// Also try the rules for mistakes.
    pub wrong: bool,
    memo: HashMap<(usize, usize), Option<usize>>,
    without_wrong: usize,
    depth: usize,
    steps: usize,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(source: &'a str, tokens: &'a Tokens, grammar: &'a Grammar) -> Matcher<'a> {
        let id = |t: &Token| match t.kind {
            Kind::Name | Kind::Op => grammar.id(source.get(t.start..t.end).unwrap_or("")),
            _ => 0,
        };
        let ids = tokens.list.iter().map(id).collect();
        Matcher {
            source,
            tokens,
            grammar,
            ids,
            fill: 0,
            wrong: false,
            memo: HashMap::new(),
            without_wrong: grammar.rule("expression_without_invalid"),
            depth: 0,
            steps: 0,
        }
    }

    /// Statements up to the end.
    pub(super) fn module(&mut self) -> Match {
        let statement = self.grammar.rule("statement");
        let mut at = 0;
        while let Some(next) = self.rule(statement, at)? {
            at = next;
            self.memo.clear();
        }
        let end = self.token(at)?.kind == Kind::EndMarker;
        self.memo.clear();
        Ok(end.then_some(at + 1))
    }

    /// One expression.
    pub(super) fn expression(&mut self) -> Match {
        let found = self.rule(self.grammar.rule("eval"), 0);
        self.memo.clear();
        found
    }

    pub(super) fn token(&mut self, at: usize) -> Result<Token, Stop> {
        let token = self.tokens.list.get(at).ok_or(Stop::Tokens)?;
        self.fill = self.fill.max(at + 1);
        Ok(*token)
    }

    fn rule(&mut self, index: usize, at: usize) -> Match {
        let Some(rule) = self.grammar.rules.get(index) else { return Ok(None) };
        self.steps += 1;
        if self.depth >= MAX_DEPTH || self.steps >= MAX_STEPS || self.memo.len() >= MAX_MEMO {
            return Err(Stop::TooMuch);
        }
        self.depth += 1;
        let found = if rule.left {
            self.left(index, at)
        } else if rule.memo {
            self.remembered(index, at)
        } else if index == self.without_wrong {
            let wrong = std::mem::replace(&mut self.wrong, false);
            let found = self.alts(&rule.alts, at);
            self.wrong = wrong;
            found
        } else {
            self.alts(&rule.alts, at)
        };
        self.depth -= 1;
        found
    }

    fn remembered(&mut self, index: usize, at: usize) -> Match {
        if let Some(found) = self.memo.get(&(index, at)) {
            return Ok(*found);
        }
        let found = self.alts(&self.grammar.rules[index].alts, at)?;
        self.memo.insert((index, at), found);
        Ok(found)
    }

    /// Grows a match from a seed that fails.
    fn left(&mut self, index: usize, at: usize) -> Match {
        if let Some(found) = self.memo.get(&(index, at)) {
            return Ok(*found);
        }
        let mut best = None;
        loop {
            self.memo.insert((index, at), best);
            let found = self.alts(&self.grammar.rules[index].alts, at)?;
            if found.is_none() || found <= best {
                break;
            }
            best = found;
        }
        self.memo.insert((index, at), best);
        Ok(best)
    }

    fn alts(&mut self, alts: &'a [Alt], at: usize) -> Match {
        for alt in alts {
            if alt.wrong && !self.wrong {
                continue;
            }
            let mut bound = Bound::new();
            let (found, committed) = self.alt(alt, at, &mut bound)?;
            if let Some(end) = found {
                return match &alt.action {
                    Some(action) => self.act(action, &bound, end),
                    None => Ok(found),
                };
            }
            if committed {
                break;
            }
        }
        Ok(None)
    }

    fn alt(&mut self, alt: &'a Alt, at: usize, bound: &mut Bound) -> Result<(Option<usize>, bool), Stop> {
        let (mut here, mut committed) = (at, false);
        for (name, item) in &alt.items {
            if matches!(item, Item::Commit) {
                committed = true;
                continue;
            }
            let Some(next) = self.item(item, here)? else { return Ok((None, committed)) };
            if *name != ' ' {
                let comma = matches!(item, Item::Rule(i) if self.grammar.rules[*i].comma);
                let trim = comma && next > here + 1 && self.ids[next - 1] == self.grammar.id(",");
                bound.push((*name, (here, next - usize::from(trim))));
            }
            here = next;
        }
        Ok((Some(here), committed))
    }

    fn item(&mut self, item: &'a Item, at: usize) -> Match {
        match item {
            Item::Literal(id) => {
                let token = self.token(at)?;
                let same = self.ids[at] == *id && matches!(token.kind, Kind::Name | Kind::Op);
                Ok(same.then_some(at + 1))
            }
            Item::Kind(Kind::Name) => Ok(self.is_name(at)?.then_some(at + 1)),
            Item::Kind(kind) => Ok((self.token(at)?.kind == *kind).then_some(at + 1)),
            Item::SoftKeyword => {
                let soft = self.is_name(at)?
                    && matches!(self.grammar.text(self.ids[at]), "_" | "case" | "match" | "type");
                Ok(soft.then_some(at + 1))
            }
            Item::Rule(index) => self.rule(*index, at),
            Item::Group(alts) => self.alts(alts, at),
            Item::Optional(item) => Ok(Some(self.item(item, at)?.unwrap_or(at))),
            Item::Repeat(item, some) => {
                let mut here = at;
                while let Some(next) = self.item(item, here)? {
                    if next == here {
                        break;
                    }
                    here = next;
                }
                Ok((here > at || !some).then_some(here))
            }
            Item::Separated(separator, item) => {
                let Some(mut here) = self.item(item, at)? else { return Ok(None) };
                loop {
                    self.token(here)?;
                    if self.ids[here] != *separator {
                        return Ok(Some(here));
                    }
                    let Some(next) = self.item(item, here + 1)? else { return Ok(Some(here)) };
                    here = next;
                }
            }
            Item::Ahead(item, positive) => {
                let found = self.item(item, at)?.is_some();
                Ok((found == *positive).then_some(at))
            }
            Item::Demand(id) => {
                let token = self.token(at)?;
                if self.ids[at] == *id {
                    return Ok(Some(at + 1));
                }
                let message = format!("expected '{}'", self.grammar.text(*id));
                Err(self.raise(&message, self.range_of(token)))
            }
            Item::Commit => Ok(Some(at)),
        }
    }

    pub(super) fn is_name(&mut self, at: usize) -> Result<bool, Stop> {
        let token = self.token(at)?;
        Ok(token.kind == Kind::Name && !self.grammar.is_keyword(self.ids[at]))
    }
}
