//! Writing `match`.

use super::{Res, Writer, field, is_none, node_of};
use crate::tree::{Node, Tree};

impl Writer {
    pub(super) fn match_(&mut self, n: &Node) -> Res {
        if field(n, 1).items().is_empty() {
            return Err("empty cases on Match".into());
        }
        self.put("match ");
        self.expr(field(n, 0))?;
        self.put(":");
        self.indent += 1;
        for case in field(n, 1).items() {
            let case = node_of(case)?;
            self.line();
            self.put("case ");
            self.pattern(field(case, 0))?;
            if !is_none(field(case, 1)) {
                self.put(" if ");
                self.expr(field(case, 1))?;
            }
            self.block("match_case", field(case, 2))?;
        }
        self.indent -= 1;
        Ok(())
    }

    fn pattern(&mut self, tree: &Tree) -> Res {
        let n = node_of(tree)?;
        if n.class == "MatchStar" {
            self.begin(n.place);
            self.put("*");
            self.capture(field(n, 0))?;
            self.end(n.place);
            return Ok(());
        }
        self.put("(");
        self.begin(n.place);
        self.pattern_inside(n)?;
        self.end(n.place);
        self.put(")");
        Ok(())
    }

    fn capture(&mut self, name: &Tree) -> Res {
        if is_none(name) {
            self.put("_");
            return Ok(());
        }
        self.name(name)
    }

    fn pattern_inside(&mut self, n: &Node) -> Res {
        match n.class {
            "MatchValue" => self.pattern_value(field(n, 0)),
            "MatchSingleton" => match field(n, 0) {
                Tree::Const(c) => self.literal(c),
                _ => Err("MatchSingleton can only contain True, False and None".into()),
            },
            "MatchSequence" => {
                self.put("[");
                self.separated(field(n, 0).items(), Self::pattern)?;
                self.put("]");
                Ok(())
            }
            "MatchMapping" => self.pattern_mapping(n),
            "MatchClass" => self.pattern_class(n),
            "MatchAs" if is_none(field(n, 0)) => self.capture(field(n, 1)),
            "MatchAs" => {
                self.pattern(field(n, 0))?;
                self.put(" as ");
                self.name(field(n, 1))
            }
            "MatchOr" => {
                for (i, p) in field(n, 0).items().iter().enumerate() {
                    if i > 0 {
                        self.put(" | ");
                    }
                    self.pattern(p)?;
                }
                Ok(())
            }
            other => Err(format!("unexpected pattern {other}")),
        }
    }

    fn pattern_mapping(&mut self, n: &Node) -> Res {
        self.put("{");
        let (keys, patterns) = (field(n, 0).items(), field(n, 1).items());
        if keys.len() != patterns.len() {
            return Err("MatchMapping doesn't have the same number of keys as patterns".into());
        }
        for (k, p) in keys.iter().zip(patterns) {
            self.pattern_value(k)?;
            self.put(": ");
            self.pattern(p)?;
            self.put(", ");
        }
        if !is_none(field(n, 2)) {
            self.put("**");
            self.name(field(n, 2))?;
        }
        self.put("}");
        Ok(())
    }

    fn pattern_class(&mut self, n: &Node) -> Res {
        self.pattern_value(field(n, 0))?;
        self.put("(");
        for p in field(n, 1).items() {
            self.pattern(p)?;
            self.put(", ");
        }
        let (names, patterns) = (field(n, 2).items(), field(n, 3).items());
        if names.len() != patterns.len() {
            return Err("MatchClass doesn't have the same number of keyword attributes as patterns".into());
        }
        for (name, p) in names.iter().zip(patterns) {
            self.name(name)?;
            self.put("=");
            self.pattern(p)?;
            self.put(", ");
        }
        self.put(")");
        Ok(())
    }

    /// A value in a pattern: a literal, a number with a sign or two parts, a dotted name.
    fn pattern_value(&mut self, tree: &Tree) -> Res {
        let n = node_of(tree)?;
        self.begin(n.place);
        match (n.class, field(n, 0)) {
            ("Constant", Tree::Const(c)) => self.literal(c)?,
            ("Name", _) => self.name(field(n, 0))?,
            ("Attribute", _) => {
                self.pattern_value(field(n, 0))?;
                self.put(".");
                self.name(field(n, 1))?;
            }
            ("UnaryOp", _) => {
                self.put("-");
                self.pattern_value(field(n, 1))?;
            }
            ("BinOp", _) => {
                self.pattern_value(field(n, 0))?;
                self.put(if node_of(field(n, 1))?.class == "Sub" { "-" } else { "+" });
                self.pattern_value(field(n, 2))?;
            }
            _ => return Err("patterns may only match literals and attribute lookups".into()),
        }
        self.end(n.place);
        Ok(())
    }
}
