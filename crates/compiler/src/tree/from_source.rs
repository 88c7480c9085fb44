//! From source to a [`Tree`]: modules and statements.

use super::{Node, Place, Tree};
use crate::codegen::Lines;
use crate::error::CompileError;
use crate::{Mode, Options};
use ruff_python_ast::{self as ast, ExceptHandler, Mod, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

/// What is needed to convert.
pub(super) struct Source<'a> {
    pub text: &'a str,
    lines: Lines,
}

/// The tree of a source text.
///
/// # Errors
/// As [`crate::compile`], for what the parser refuses.
pub fn parse(source: &str, options: &Options) -> Result<Tree, CompileError> {
    crate::with_parsed(source, options, |parsed| {
        let s = Source { text: source, lines: Lines::new(source, &options.marks) };
        let plain = |class, fields| Tree::Node(Box::new(Node { class, place: None, fields }));
        match parsed {
            Mod::Expression(e) => plain("Expression", vec![s.expr(&e.body)]),
            Mod::Module(m) if options.mode == Mode::Single => plain("Interactive", vec![s.body(&m.body)]),
            Mod::Module(m) => plain("Module", vec![s.body(&m.body), Tree::List(Vec::new())]),
        }
    })
}

impl Source<'_> {
    /// A node that lies in a range.
    pub fn node(&self, class: &'static str, range: TextRange, fields: Vec<Tree>) -> Tree {
        let (line, col) = self.lines.place(range.start().into());
        let (end_line, end_col) = self.lines.place(range.end().into());
        Tree::Node(Box::new(Node { class, place: Some(Place { line, col, end_line, end_col }), fields }))
    }

    /// A node without a place.
    pub fn plain(&self, class: &'static str, fields: Vec<Tree>) -> Tree {
        Tree::Node(Box::new(Node { class, place: None, fields }))
    }

    pub fn name(&self, id: &ast::Identifier) -> Tree {
        Tree::Name(id.id.to_string())
    }

    pub fn name_or_none(&self, id: Option<&ast::Identifier>) -> Tree {
        id.map_or(Tree::None, |i| self.name(i))
    }

    fn names(&self, names: &[ast::Identifier]) -> Tree {
        Tree::List(names.iter().map(|n| self.name(n)).collect())
    }

    pub fn body(&self, body: &[Stmt]) -> Tree {
        Tree::List(body.iter().map(|s| self.stmt(s)).collect())
    }

    /// Where a definition begins behind its decorators.
    fn behind_decorators(&self, decorators: &[ast::Decorator], range: TextRange) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let mut at = usize::from(last.end());
        loop {
            let rest = self.text.get(at..).unwrap_or("");
            at += rest.len() - rest.trim_start().len();
            match self.text.get(at..) {
                Some(rest) if rest.starts_with('#') => at += rest.find('\n').unwrap_or(rest.len()),
                _ => break,
            }
        }
        TextRange::new(TextSize::try_from(at).unwrap_or(range.start()).min(range.end()), range.end())
    }

    fn decorators(&self, list: &[ast::Decorator]) -> Tree {
        Tree::List(list.iter().map(|d| self.expr(&d.expression)).collect())
    }

    fn function(&self, f: &ast::StmtFunctionDef) -> Tree {
        let class = if f.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
        let range = self.behind_decorators(&f.decorator_list, f.range);
        let fields = vec![
            self.name(&f.name),
            self.parameters(Some(&f.parameters)),
            self.body(&f.body),
            self.decorators(&f.decorator_list),
            self.expr_or_none(f.returns.as_deref()),
            Tree::None,
            self.type_params(f.type_params.as_deref()),
        ];
        self.node(class, range, fields)
    }

    fn class(&self, c: &ast::StmtClassDef) -> Tree {
        let range = self.behind_decorators(&c.decorator_list, c.range);
        let (bases, keywords) = match &c.arguments {
            Some(a) => (self.exprs(&a.args), self.keywords(&a.keywords)),
            None => (Tree::List(Vec::new()), Tree::List(Vec::new())),
        };
        let fields = vec![
            self.name(&c.name),
            bases,
            keywords,
            self.body(&c.body),
            self.decorators(&c.decorator_list),
            self.type_params(c.type_params.as_deref()),
        ];
        self.node("ClassDef", range, fields)
    }

    fn type_params(&self, params: Option<&ast::TypeParams>) -> Tree {
        let one = |p: &ast::TypeParam| match p {
            ast::TypeParam::TypeVar(t) => {
                let bound = self.expr_or_none(t.bound.as_deref());
                let default = self.expr_or_none(t.default.as_deref());
                self.node("TypeVar", t.range, vec![self.name(&t.name), bound, default])
            }
            ast::TypeParam::TypeVarTuple(t) => {
                let default = self.expr_or_none(t.default.as_deref());
                self.node("TypeVarTuple", t.range, vec![self.name(&t.name), default])
            }
            ast::TypeParam::ParamSpec(t) => {
                let default = self.expr_or_none(t.default.as_deref());
                self.node("ParamSpec", t.range, vec![self.name(&t.name), default])
            }
        };
        Tree::List(params.map_or(Vec::new(), |p| p.type_params.iter().map(one).collect()))
    }

    /// An `if` and the clauses after it, which nest.
    fn conditional(&self, s: &ast::StmtIf) -> Tree {
        let mut orelse = Vec::new();
        for clause in s.elif_else_clauses.iter().rev() {
            match &clause.test {
                None => orelse = clause.body.iter().map(|s| self.stmt(s)).collect(),
                Some(test) => {
                    let range = TextRange::new(clause.range.start(), s.range.end());
                    let fields = vec![
                        self.expr(test),
                        self.body(&clause.body),
                        Tree::List(std::mem::take(&mut orelse)),
                    ];
                    orelse.push(self.node("If", range, fields));
                }
            }
        }
        self.node("If", s.range, vec![self.expr(&s.test), self.body(&s.body), Tree::List(orelse)])
    }

    fn with(&self, s: &ast::StmtWith) -> Tree {
        let item = |i: &ast::WithItem| {
            let vars = self.expr_or_none(i.optional_vars.as_deref());
            self.plain("withitem", vec![self.expr(&i.context_expr), vars])
        };
        let class = if s.is_async { "AsyncWith" } else { "With" };
        let items = Tree::List(s.items.iter().map(item).collect());
        self.node(class, s.range, vec![items, self.body(&s.body), Tree::None])
    }

    fn try_(&self, s: &ast::StmtTry) -> Tree {
        let handler = |h: &ExceptHandler| {
            let ExceptHandler::ExceptHandler(h) = h;
            let class = self.expr_or_none(h.type_.as_deref());
            let fields = vec![class, self.name_or_none(h.name.as_ref()), self.body(&h.body)];
            self.node("ExceptHandler", h.range, fields)
        };
        let handlers = Tree::List(s.handlers.iter().map(handler).collect());
        let fields = vec![self.body(&s.body), handlers, self.body(&s.orelse), self.body(&s.finalbody)];
        self.node(if s.is_star { "TryStar" } else { "Try" }, s.range, fields)
    }

    fn alias(&self, a: &ast::Alias) -> Tree {
        self.node("alias", a.range, vec![self.name(&a.name), self.name_or_none(a.asname.as_ref())])
    }

    fn aliases(&self, list: &[ast::Alias]) -> Tree {
        Tree::List(list.iter().map(|a| self.alias(a)).collect())
    }

    fn loop_(&self, s: &ast::StmtFor) -> Tree {
        let class = if s.is_async { "AsyncFor" } else { "For" };
        let (target, iter) = (self.expr(&s.target), self.expr(&s.iter));
        let fields = vec![target, iter, self.body(&s.body), self.body(&s.orelse), Tree::None];
        self.node(class, s.range, fields)
    }

    fn annotated(&self, s: &ast::StmtAnnAssign) -> Tree {
        let value = self.expr_or_none(s.value.as_deref());
        let simple = Tree::Int(i64::from(s.simple));
        self.node("AnnAssign", s.range, vec![self.expr(&s.target), self.expr(&s.annotation), value, simple])
    }

    pub fn stmt(&self, s: &Stmt) -> Tree {
        let range = s.range();
        let node = |class, fields| self.node(class, range, fields);
        match s {
            Stmt::FunctionDef(f) => self.function(f),
            Stmt::ClassDef(c) => self.class(c),
            Stmt::Return(s) => node("Return", vec![self.expr_or_none(s.value.as_deref())]),
            Stmt::Delete(s) => node("Delete", vec![self.exprs(&s.targets)]),
            Stmt::TypeAlias(s) => {
                let params = self.type_params(s.type_params.as_deref());
                node("TypeAlias", vec![self.expr(&s.name), params, self.expr(&s.value)])
            }
            Stmt::Assign(s) => node("Assign", vec![self.exprs(&s.targets), self.expr(&s.value), Tree::None]),
            Stmt::AugAssign(s) => {
                node("AugAssign", vec![self.expr(&s.target), self.operator(s.op), self.expr(&s.value)])
            }
            Stmt::AnnAssign(s) => self.annotated(s),
            Stmt::For(s) => self.loop_(s),
            Stmt::While(s) => {
                node("While", vec![self.expr(&s.test), self.body(&s.body), self.body(&s.orelse)])
            }
            Stmt::If(s) => self.conditional(s),
            Stmt::With(s) => self.with(s),
            Stmt::Match(s) => {
                let cases = Tree::List(s.cases.iter().map(|c| self.case(c)).collect());
                node("Match", vec![self.expr(&s.subject), cases])
            }
            Stmt::Raise(s) => {
                let cause = self.expr_or_none(s.cause.as_deref());
                node("Raise", vec![self.expr_or_none(s.exc.as_deref()), cause])
            }
            Stmt::Try(s) => self.try_(s),
            Stmt::Assert(s) => node("Assert", vec![self.expr(&s.test), self.expr_or_none(s.msg.as_deref())]),
            Stmt::Import(s) => node("Import", vec![self.aliases(&s.names)]),
            Stmt::ImportFrom(s) => {
                let level = Tree::Int(i64::from(s.level));
                node("ImportFrom", vec![self.name_or_none(s.module.as_ref()), self.aliases(&s.names), level])
            }
            Stmt::Global(s) => node("Global", vec![self.names(&s.names)]),
            Stmt::Nonlocal(s) => node("Nonlocal", vec![self.names(&s.names)]),
            Stmt::Expr(s) => node("Expr", vec![self.expr(&s.value)]),
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => node("Pass", Vec::new()),
            Stmt::Break(_) => node("Break", Vec::new()),
            Stmt::Continue(_) => node("Continue", Vec::new()),
        }
    }
}
