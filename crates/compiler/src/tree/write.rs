//! From a [`Tree`] to source text, with the places its parts come from.
//!
//!   BinOp at 7:4                    ((a)+(b))
//!     left  Name a at 7:5    ─►      ▲▲                marks: offset 1 ─► 7:4, offset 2 ─► 7:5, …
//!
//! Every expression stands in brackets, so that precedence never matters and no two nodes begin at the same offset.

mod expressions;
mod patterns;
mod strings;

use super::{Node, Place, Tree};

/// An offset of the text and the place it stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Offset in bytes.
    pub at: u32,
    /// Line of the original.
    pub line: u32,
    /// Column of the original.
    pub col: u32,
}

/// Text made of a tree.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Its marks, by offset.
    pub marks: Vec<Mark>,
}

/// What cannot be written: the text of a ValueError.
type Res<T = ()> = Result<T, String>;

#[derive(Default)]
struct Writer {
    out: String,
    marks: Vec<Mark>,
    indent: usize,
}

/// Writes a module or expression.
///
/// # Errors
/// The reason, when the tree says something that no source can.
pub fn write(tree: &Tree) -> Result<Written, String> {
    let mut w = Writer::default();
    let root = tree.node().ok_or("expected a module")?;
    match root.class {
        "Expression" => w.expr(field(root, 0))?,
        "Module" | "Interactive" => {
            for s in field(root, 0).items() {
                w.stmt(s)?;
            }
        }
        other => return Err(format!("{other} cannot be compiled")),
    }
    w.marks.sort_by_key(|m| m.at);
    Ok(Written { text: w.out, marks: w.marks })
}

const ABSENT: &Tree = &Tree::None;

fn field(node: &Node, i: usize) -> &Tree {
    node.fields.get(i).unwrap_or(ABSENT)
}

fn is_none(tree: &Tree) -> bool {
    matches!(tree, Tree::None)
}

fn node_of(tree: &Tree) -> Res<&Node> {
    tree.node().ok_or_else(|| "None disallowed in expression list".to_string())
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn mark(&mut self, line: u32, col: u32) {
        self.marks.push(Mark { at: self.out.len() as u32, line, col });
    }

    fn begin(&mut self, place: Option<Place>) {
        if let Some(p) = place {
            self.mark(p.line, p.col);
        }
    }

    fn end(&mut self, place: Option<Place>) {
        if let Some(p) = place {
            self.mark(p.end_line, p.end_col);
        }
    }

    /// An identifier, with dots where `import` has them.
    fn name(&mut self, tree: &Tree) -> Res {
        let Tree::Name(name) = tree else { return Err("an identifier is missing".into()) };
        let plain = !name.is_empty()
            && name.split('.').all(|part| {
                part.starts_with(crate::scan::starts_name) && part.chars().all(crate::scan::continues_name)
            });
        if !plain && name != "*" {
            return Err(format!("identifier field can't represent '{name}'"));
        }
        if matches!(name.as_str(), "None" | "True" | "False") {
            return Err(format!("identifier field can't represent '{name}' constant"));
        }
        self.put(name);
        Ok(())
    }

    fn line(&mut self) {
        if !self.out.is_empty() {
            self.put("\n");
        }
        for _ in 0..self.indent {
            self.put(" ");
        }
    }

    /// `:` and a block.
    fn block(&mut self, owner: &str, body: &Tree) -> Res {
        self.put(":");
        if body.items().is_empty() {
            return Err(format!("empty body on {owner}"));
        }
        self.indent += 1;
        for s in body.items() {
            self.stmt(s)?;
        }
        self.indent -= 1;
        Ok(())
    }

    /// A keyword on a line of its own and its block, unless that is empty.
    fn clause(&mut self, keyword: &str, body: &Tree) -> Res {
        if body.items().is_empty() {
            return Ok(());
        }
        self.line();
        self.put(keyword);
        self.block(keyword, body)
    }

    fn separated(&mut self, items: &[Tree], mut each: impl FnMut(&mut Self, &Tree) -> Res) -> Res {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.put(", ");
            }
            each(self, item)?;
        }
        Ok(())
    }

    fn stmt(&mut self, tree: &Tree) -> Res {
        let n = tree.node().ok_or("None disallowed in statement list")?;
        self.line();
        if matches!(n.class, "FunctionDef" | "AsyncFunctionDef" | "ClassDef") {
            self.definition(n)?;
        } else {
            self.begin(n.place);
            self.simple(n)?;
        }
        self.end(n.place);
        Ok(())
    }

    fn decorators(&mut self, list: &Tree) -> Res {
        for d in list.items() {
            if let Some(p) = d.node().and_then(|d| d.place) {
                self.mark(p.line, p.col.saturating_sub(1));
            }
            self.put("@");
            self.expr(d)?;
            self.line();
        }
        Ok(())
    }

    fn definition(&mut self, n: &Node) -> Res {
        let class = n.class == "ClassDef";
        self.decorators(field(n, if class { 4 } else { 3 }))?;
        self.begin(n.place);
        self.put(match n.class {
            "ClassDef" => "class ",
            "FunctionDef" => "def ",
            _ => "async def ",
        });
        self.name(field(n, 0))?;
        self.type_params(field(n, if class { 5 } else { 6 }))?;
        self.put("(");
        if class {
            self.arguments(field(n, 1), field(n, 2))?;
            self.put(")");
            return self.block(n.class, field(n, 3));
        }
        self.parameters(field(n, 1))?;
        self.put(")");
        if !is_none(field(n, 4)) {
            self.put(" -> ");
            self.expr(field(n, 4))?;
        }
        self.block(n.class, field(n, 2))
    }

    fn type_params(&mut self, list: &Tree) -> Res {
        if list.items().is_empty() {
            return Ok(());
        }
        self.put("[");
        self.separated(list.items(), |w, p| {
            let p = node_of(p)?;
            w.begin(p.place);
            w.put(match p.class {
                "TypeVarTuple" => "*",
                "ParamSpec" => "**",
                _ => "",
            });
            w.name(field(p, 0))?;
            let default = if p.class == "TypeVar" { 2 } else { 1 };
            if p.class == "TypeVar" && !is_none(field(p, 1)) {
                w.put(": ");
                w.expr(field(p, 1))?;
            }
            if !is_none(field(p, default)) {
                w.put(" = ");
                w.expr(field(p, default))?;
            }
            w.end(p.place);
            Ok(())
        })?;
        self.put("]");
        Ok(())
    }

    fn simple(&mut self, n: &Node) -> Res {
        match n.class {
            "Return" | "Raise" | "Expr" | "Delete" | "Assert" => self.with_values(n),
            "Assign" => {
                for t in field(n, 0).items() {
                    self.expr(t)?;
                    self.put(" = ");
                }
                self.expr(field(n, 1))
            }
            "AugAssign" => {
                self.expr(field(n, 0))?;
                let op = expressions::operator(node_of(field(n, 1))?.class)?;
                self.put(&format!(" {op}= "));
                self.expr(field(n, 2))
            }
            "AnnAssign" => self.annotated(n),
            "TypeAlias" => {
                self.put("type ");
                self.bare_name(field(n, 0))?;
                self.type_params(field(n, 1))?;
                self.put(" = ");
                self.expr(field(n, 2))
            }
            "Import" | "ImportFrom" => self.import(n),
            "Global" | "Nonlocal" => {
                self.put(if n.class == "Global" { "global " } else { "nonlocal " });
                self.separated(field(n, 0).items(), Self::name)
            }
            "Pass" | "Break" | "Continue" => {
                self.put(&n.class.to_ascii_lowercase());
                Ok(())
            }
            _ => self.compound(n),
        }
    }

    fn with_values(&mut self, n: &Node) -> Res {
        let optional = |w: &mut Self, before: &str, i: usize| {
            if is_none(field(n, i)) {
                return Ok(());
            }
            w.put(before);
            w.expr(field(n, i))
        };
        match n.class {
            "Expr" => self.expr(field(n, 0)),
            "Delete" => {
                self.put("del ");
                self.separated(field(n, 0).items(), Self::expr)
            }
            "Return" => {
                self.put("return");
                optional(self, " ", 0)
            }
            "Raise" => {
                self.put("raise");
                if is_none(field(n, 0)) && !is_none(field(n, 1)) {
                    return Err("Raise with cause but no exception".into());
                }
                optional(self, " ", 0)?;
                optional(self, " from ", 1)
            }
            _ => {
                self.put("assert ");
                self.expr(field(n, 0))?;
                optional(self, ", ", 1)
            }
        }
    }

    fn annotated(&mut self, n: &Node) -> Res {
        if matches!(field(n, 3), Tree::Int(1)) {
            self.bare_name(field(n, 0))?;
        } else {
            self.expr(field(n, 0))?;
        }
        self.put(": ");
        self.expr(field(n, 1))?;
        if !is_none(field(n, 2)) {
            self.put(" = ");
            self.expr(field(n, 2))?;
        }
        Ok(())
    }

    fn import(&mut self, n: &Node) -> Res {
        let mut names = field(n, 0);
        if n.class == "ImportFrom" {
            self.put("from ");
            if let Tree::Int(level) = field(n, 2) {
                let level = usize::try_from(*level).map_err(|_| "Negative ImportFrom level")?;
                self.put(&".".repeat(level.min(1000)));
            }
            if !is_none(field(n, 0)) {
                self.name(field(n, 0))?;
            }
            self.put(" ");
            names = field(n, 1);
        }
        if names.items().is_empty() {
            return Err(format!("empty names on {}", n.class));
        }
        self.put("import ");
        self.separated(names.items(), |w, a| {
            let a = node_of(a)?;
            w.begin(a.place);
            w.name(field(a, 0))?;
            if !is_none(field(a, 1)) {
                w.put(" as ");
                w.name(field(a, 1))?;
            }
            w.end(a.place);
            Ok(())
        })
    }

    fn compound(&mut self, n: &Node) -> Res {
        match n.class {
            "If" => self.conditional(n),
            "While" => {
                self.put("while ");
                self.expr(field(n, 0))?;
                self.block("While", field(n, 1))?;
                self.clause("else", field(n, 2))
            }
            "For" | "AsyncFor" => {
                self.put(if n.class == "For" { "for " } else { "async for " });
                self.expr(field(n, 0))?;
                self.put(" in ");
                self.expr(field(n, 1))?;
                self.block(n.class, field(n, 2))?;
                self.clause("else", field(n, 3))
            }
            "With" | "AsyncWith" => {
                self.put(if n.class == "With" { "with " } else { "async with " });
                if field(n, 0).items().is_empty() {
                    return Err(format!("empty items on {}", n.class));
                }
                self.separated(field(n, 0).items(), |w, i| {
                    let i = node_of(i)?;
                    w.expr(field(i, 0))?;
                    if !is_none(field(i, 1)) {
                        w.put(" as ");
                        w.expr(field(i, 1))?;
                    }
                    Ok(())
                })?;
                self.block(n.class, field(n, 1))
            }
            "Match" => self.match_(n),
            "Try" | "TryStar" => self.try_(n),
            other => Err(format!("unexpected statement {other}")),
        }
    }

    fn conditional(&mut self, n: &Node) -> Res {
        self.put("if ");
        let mut n = n;
        loop {
            self.expr(field(n, 0))?;
            self.block("If", field(n, 1))?;
            match field(n, 2).items() {
                [Tree::Node(only)] if only.class == "If" => {
                    self.line();
                    self.begin(only.place);
                    self.put("elif ");
                    n = only;
                }
                _ => return self.clause("else", field(n, 2)),
            }
        }
    }

    fn try_(&mut self, n: &Node) -> Res {
        if field(n, 1).items().is_empty() && field(n, 3).items().is_empty() {
            return Err(format!("{} has neither handlers nor finalbody", n.class));
        }
        if field(n, 1).items().is_empty() && !field(n, 2).items().is_empty() {
            return Err(format!("{} has orelse but no except handlers", n.class));
        }
        self.put("try");
        self.block(n.class, field(n, 0))?;
        for h in field(n, 1).items() {
            let h = node_of(h)?;
            self.line();
            self.begin(h.place);
            self.put(if n.class == "Try" { "except" } else { "except*" });
            if !is_none(field(h, 0)) {
                self.put(" ");
                self.expr(field(h, 0))?;
            }
            if !is_none(field(h, 1)) {
                self.put(" as ");
                self.name(field(h, 1))?;
            }
            self.block("ExceptHandler", field(h, 2))?;
            self.end(h.place);
        }
        self.clause("else", field(n, 2))?;
        self.clause("finally", field(n, 3))
    }
}
