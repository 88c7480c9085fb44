//! Writing expressions, arguments and parameters.

use super::strings::escape;
use super::{Res, Writer, field, is_none, node_of};
use crate::tree::{Node, Tree};
use hognose_bytecode::Const;

/// A binary operator as written.
pub(super) fn operator(class: &str) -> Res<&'static str> {
    Ok(match class {
        "Add" => "+",
        "Sub" => "-",
        "Mult" => "*",
        "MatMult" => "@",
        "Div" => "/",
        "Mod" => "%",
        "Pow" => "**",
        "LShift" => "<<",
        "RShift" => ">>",
        "BitOr" => "|",
        "BitXor" => "^",
        "BitAnd" => "&",
        "FloorDiv" => "//",
        other => return Err(format!("unexpected operator {other}")),
    })
}

fn comparison(class: &str) -> Res<&'static str> {
    Ok(match class {
        "Eq" => "==",
        "NotEq" => "!=",
        "Lt" => "<",
        "LtE" => "<=",
        "Gt" => ">",
        "GtE" => ">=",
        "Is" => "is",
        "IsNot" => "is not",
        "In" => "in",
        "NotIn" => "not in",
        other => return Err(format!("unexpected comparison {other}")),
    })
}

fn float(x: f64) -> String {
    if x.is_infinite() {
        return if x > 0.0 { "1e999".into() } else { "-1e999".into() };
    }
    if x.is_nan() { "(1e999-1e999)".into() } else { format!("{x:?}") }
}

impl Writer {
    /// A constant as a literal.
    pub(super) fn literal(&mut self, c: &Const) -> Res {
        match c {
            Const::None => self.put("None"),
            Const::Bool(b) => self.put(if *b { "True" } else { "False" }),
            Const::Ellipsis => self.put("..."),
            Const::Int(n) => self.put(&n.to_string()),
            Const::BigInt(digits) => self.put(digits),
            Const::Float(x) => self.put(&float(*x)),
            Const::Complex(re, im) if *re == 0.0 && re.is_sign_positive() => {
                self.put(&format!("{}j", float(*im)))
            }
            Const::Complex(re, im) => {
                self.put(&format!("({}+{}j)", float(*re), float(*im)).replace("+-", "-"));
            }
            Const::Str(bytes) => {
                self.put("'");
                escape(&mut self.out, bytes, false);
                self.put("'");
            }
            Const::Bytes(bytes) => {
                self.put("b'");
                for b in bytes.iter() {
                    match b {
                        b'\'' | b'\\' => self.put(&format!("\\{}", *b as char)),
                        b' '..=b'~' => self.out.push(*b as char),
                        _ => self.put(&format!("\\x{b:02x}")),
                    }
                }
                self.put("'");
            }
            Const::Tuple(items) => {
                self.put("(");
                for i in items {
                    self.literal(i)?;
                    self.put(",");
                }
                self.put(")");
            }
            Const::FrozenSet(_) | Const::Code(_) => return Err("got an invalid type in Constant".into()),
        }
        Ok(())
    }

    /// A name without brackets.
    pub(super) fn bare_name(&mut self, tree: &Tree) -> Res {
        let n = node_of(tree)?;
        if n.class != "Name" {
            return Err(format!("{} where a Name must be", n.class));
        }
        self.begin(n.place);
        self.name(field(n, 0))?;
        self.end(n.place);
        Ok(())
    }

    pub(super) fn expr(&mut self, tree: &Tree) -> Res {
        let n = node_of(tree)?;
        match n.class {
            "Starred" => {
                self.begin(n.place);
                self.put("*");
                self.expr(field(n, 0))?;
            }
            "Slice" => {
                self.begin(n.place);
                self.slice(n)?;
            }
            _ => {
                self.put("(");
                self.begin(n.place);
                self.inside(n)?;
                self.end(n.place);
                self.put(")");
                return Ok(());
            }
        }
        self.end(n.place);
        Ok(())
    }

    fn slice(&mut self, n: &Node) -> Res {
        for i in 0..3 {
            if i == 1 || i == 2 && !is_none(field(n, 2)) {
                self.put(":");
            }
            if !is_none(field(n, i)) {
                self.expr(field(n, i))?;
            }
        }
        Ok(())
    }

    fn inside(&mut self, n: &Node) -> Res {
        match n.class {
            "Constant" => match field(n, 0) {
                Tree::Const(c) => self.literal(c),
                _ => Err("got an invalid type in Constant".into()),
            },
            "Name" => self.name(field(n, 0)),
            "Attribute" => {
                self.expr(field(n, 0))?;
                self.put(".");
                self.name(field(n, 1))
            }
            "Subscript" => self.subscript(n),
            "Call" => {
                self.expr(field(n, 0))?;
                self.put("(");
                self.arguments(field(n, 1), field(n, 2))?;
                self.put(")");
                Ok(())
            }
            "BinOp" => {
                self.expr(field(n, 0))?;
                self.put(operator(node_of(field(n, 1))?.class)?);
                self.expr(field(n, 2))
            }
            "UnaryOp" => {
                self.put(match node_of(field(n, 0))?.class {
                    "Not" => "not ",
                    "USub" => "-",
                    "UAdd" => "+",
                    _ => "~",
                });
                self.expr(field(n, 1))
            }
            "BoolOp" => self.bool_op(n),
            "Compare" => self.compare(n),
            "Tuple" | "List" | "Set" | "Dict" => self.display(n),
            "ListComp" | "SetComp" | "GeneratorExp" | "DictComp" => self.comprehension(n),
            "JoinedStr" => self.fstring(n, "f'"),
            "TemplateStr" => self.fstring(n, "t'"),
            _ => self.keyword_expr(n),
        }
    }

    fn keyword_expr(&mut self, n: &Node) -> Res {
        match n.class {
            "NamedExpr" => {
                self.bare_name(field(n, 0))?;
                self.put(":=");
                self.expr(field(n, 1))
            }
            "Lambda" => {
                self.put("lambda ");
                self.parameters(field(n, 0))?;
                self.put(": ");
                self.expr(field(n, 1))
            }
            "IfExp" => {
                self.expr(field(n, 1))?;
                self.put(" if ");
                self.expr(field(n, 0))?;
                self.put(" else ");
                self.expr(field(n, 2))
            }
            "Await" => {
                self.put("await ");
                self.expr(field(n, 0))
            }
            "YieldFrom" => {
                self.put("yield from ");
                self.expr(field(n, 0))
            }
            "Yield" => {
                self.put("yield");
                if !is_none(field(n, 0)) {
                    self.put(" ");
                    self.expr(field(n, 0))?;
                }
                Ok(())
            }
            "FormattedValue" => self.fstring_of(std::slice::from_ref(&Tree::Node(Box::new(n.clone()))), "f'"),
            other => Err(format!("unexpected expression {other}")),
        }
    }

    fn subscript(&mut self, n: &Node) -> Res {
        self.expr(field(n, 0))?;
        self.put("[");
        let index = node_of(field(n, 1))?;
        let sliced = |t: &Tree| t.node().is_some_and(|n| n.class == "Slice");
        if index.class == "Tuple" && field(index, 0).items().iter().any(sliced) {
            self.begin(index.place);
            for item in field(index, 0).items() {
                self.expr(item)?;
                self.put(",");
            }
            self.end(index.place);
        } else {
            self.expr(field(n, 1))?;
        }
        self.put("]");
        Ok(())
    }

    fn bool_op(&mut self, n: &Node) -> Res {
        let values = field(n, 1).items();
        if values.len() < 2 {
            return Err("BoolOp with less than 2 values".into());
        }
        let op = if node_of(field(n, 0))?.class == "And" { " and " } else { " or " };
        for (i, v) in values.iter().enumerate() {
            if i > 0 {
                self.put(op);
            }
            self.expr(v)?;
        }
        Ok(())
    }

    fn compare(&mut self, n: &Node) -> Res {
        let (ops, values) = (field(n, 1).items(), field(n, 2).items());
        if values.is_empty() {
            return Err("Compare with no comparators".into());
        }
        if ops.len() != values.len() {
            return Err("Compare has a different number of comparators and operands".into());
        }
        self.expr(field(n, 0))?;
        for (op, v) in ops.iter().zip(values) {
            let op = comparison(node_of(op)?.class)?;
            self.put(&format!(" {op} "));
            self.expr(v)?;
        }
        Ok(())
    }

    fn display(&mut self, n: &Node) -> Res {
        let (open, close) = match n.class {
            "Tuple" => ("(", ")"),
            "List" => ("[", "]"),
            _ => ("{", "}"),
        };
        self.put(open);
        let items = field(n, 0).items();
        if n.class == "Dict" {
            let values = field(n, 1).items();
            if items.len() != values.len() {
                return Err("Dict doesn't have the same number of keys as values".into());
            }
            for (k, v) in items.iter().zip(values) {
                if is_none(k) {
                    self.put("**");
                } else {
                    self.expr(k)?;
                    self.put(":");
                }
                self.expr(v)?;
                self.put(",");
            }
        } else {
            for item in items {
                self.expr(item)?;
                self.put(",");
            }
            if n.class == "Set" && items.is_empty() {
                self.put("*()");
            }
        }
        self.put(close);
        Ok(())
    }

    fn comprehension(&mut self, n: &Node) -> Res {
        let (open, close) = match n.class {
            "ListComp" => ("[", "]"),
            "GeneratorExp" => ("(", ")"),
            _ => ("{", "}"),
        };
        self.put(open);
        self.expr(field(n, 0))?;
        let mut generators = field(n, 1);
        if n.class == "DictComp" {
            self.put(":");
            self.expr(field(n, 1))?;
            generators = field(n, 2);
        }
        if generators.items().is_empty() {
            return Err("comprehension with no generators".into());
        }
        for g in generators.items() {
            let g = node_of(g)?;
            self.put(if matches!(field(g, 3), Tree::Int(0)) { " for " } else { " async for " });
            self.expr(field(g, 0))?;
            self.put(" in ");
            self.expr(field(g, 1))?;
            for condition in field(g, 2).items() {
                self.put(" if ");
                self.expr(condition)?;
            }
        }
        self.put(close);
        Ok(())
    }

    pub(super) fn arguments(&mut self, args: &Tree, keywords: &Tree) -> Res {
        for a in args.items() {
            self.expr(a)?;
            self.put(", ");
        }
        self.separated(keywords.items(), |w, k| {
            let k = node_of(k)?;
            w.begin(k.place);
            if is_none(field(k, 0)) {
                w.put("**");
            } else {
                w.name(field(k, 0))?;
                w.put("=");
            }
            w.expr(field(k, 1))?;
            w.end(k.place);
            Ok(())
        })
    }

    fn parameter(&mut self, tree: &Tree, stars: &str, default: &Tree) -> Res {
        let p = node_of(tree)?;
        self.put(stars);
        self.begin(p.place);
        self.name(field(p, 0))?;
        if !is_none(field(p, 1)) {
            self.put(": ");
            // `*args: *Ts`
            self.expr(field(p, 1))?;
        }
        self.end(p.place);
        if !is_none(default) {
            self.put("=");
            self.expr(default)?;
        }
        self.put(", ");
        Ok(())
    }

    pub(super) fn parameters(&mut self, tree: &Tree) -> Res {
        let n = node_of(tree)?;
        let (positional, args) = (field(n, 0).items(), field(n, 1).items());
        let defaults = field(n, 6).items();
        let plain = positional.len() + args.len();
        let Some(without) = plain.checked_sub(defaults.len()) else {
            return Err("more positional defaults than args on arguments".into());
        };
        let (keyword_only, keyword_defaults) = (field(n, 3).items(), field(n, 4).items());
        if keyword_only.len() != keyword_defaults.len() {
            return Err("length of kwonlyargs is not the same as kw_defaults on arguments".into());
        }
        for (i, p) in positional.iter().chain(args).enumerate() {
            let default = i.checked_sub(without).and_then(|i| defaults.get(i)).unwrap_or(super::ABSENT);
            self.parameter(p, "", default)?;
            if i + 1 == positional.len() {
                self.put("/, ");
            }
        }
        if !is_none(field(n, 2)) {
            self.parameter(field(n, 2), "*", super::ABSENT)?;
        } else if !keyword_only.is_empty() {
            self.put("*, ");
        }
        for (p, default) in keyword_only.iter().zip(keyword_defaults) {
            self.parameter(p, "", default)?;
        }
        if !is_none(field(n, 5)) {
            self.parameter(field(n, 5), "**", super::ABSENT)?;
        }
        Ok(())
    }
}
