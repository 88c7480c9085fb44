//! From source to a [`Tree`]: the patterns of `match`.

use super::Tree;
use super::from_source::Source;
use hognose_bytecode::Const;
use ruff_python_ast::{self as ast, Pattern, Singleton};
use ruff_text_size::Ranged;

impl Source<'_> {
    pub(super) fn case(&self, c: &ast::MatchCase) -> Tree {
        let guard = self.expr_or_none(c.guard.as_deref());
        self.plain("match_case", vec![self.pattern(&c.pattern), guard, self.body(&c.body)])
    }

    fn patterns<'p>(&self, list: impl IntoIterator<Item = &'p Pattern>) -> Tree {
        Tree::List(list.into_iter().map(|p| self.pattern(p)).collect())
    }

    fn pattern(&self, p: &Pattern) -> Tree {
        let node = |class, fields| self.node(class, p.range(), fields);
        match p {
            Pattern::MatchValue(p) => node("MatchValue", vec![self.expr(&p.value)]),
            Pattern::MatchSingleton(p) => {
                let value = match p.value {
                    Singleton::None => Const::None,
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                node("MatchSingleton", vec![Tree::Const(value)])
            }
            Pattern::MatchSequence(p) => node("MatchSequence", vec![self.patterns(&p.patterns)]),
            Pattern::MatchMapping(p) => {
                let rest = self.name_or_none(p.rest.as_ref());
                node("MatchMapping", vec![self.exprs(&p.keys), self.patterns(&p.patterns), rest])
            }
            Pattern::MatchClass(p) => {
                let keywords = &p.arguments.keywords;
                let names = Tree::List(keywords.iter().map(|k| self.name(&k.attr)).collect());
                let values = self.patterns(keywords.iter().map(|k| &k.pattern));
                let fields = vec![self.expr(&p.cls), self.patterns(&p.arguments.patterns), names, values];
                node("MatchClass", fields)
            }
            Pattern::MatchStar(p) => node("MatchStar", vec![self.name_or_none(p.name.as_ref())]),
            Pattern::MatchAs(p) => {
                let inner = p.pattern.as_deref().map_or(Tree::None, |p| self.pattern(p));
                node("MatchAs", vec![inner, self.name_or_none(p.name.as_ref())])
            }
            Pattern::MatchOr(p) => node("MatchOr", vec![self.patterns(&p.patterns)]),
        }
    }
}
