//! From source to a [`Tree`]: expressions, parameters, strings.
//!
//! Invariant: neighbouring texts of an f-string are one constant; empty ones are left out.

use super::from_source::Source;
use super::{Node, Tree};
use crate::codegen::{call_parentheses, debug_text, expression_text, string_bytes, text_bytes};
use hognose_bytecode::Const;
use ruff_python_ast::{self as ast, ConversionFlag, Expr, InterpolatedStringElement};
use ruff_text_size::{Ranged, TextRange, TextSize};

impl Source<'_> {
    pub(super) fn expr_or_none(&self, e: Option<&Expr>) -> Tree {
        e.map_or(Tree::None, |e| self.expr(e))
    }

    pub(super) fn exprs(&self, list: &[Expr]) -> Tree {
        Tree::List(list.iter().map(|e| self.expr(e)).collect())
    }

    pub(super) fn operator(&self, op: ast::Operator) -> Tree {
        use ast::Operator as O;
        let class = match op {
            O::Add => "Add",
            O::Sub => "Sub",
            O::Mult => "Mult",
            O::MatMult => "MatMult",
            O::Div => "Div",
            O::Mod => "Mod",
            O::Pow => "Pow",
            O::LShift => "LShift",
            O::RShift => "RShift",
            O::BitOr => "BitOr",
            O::BitXor => "BitXor",
            O::BitAnd => "BitAnd",
            O::FloorDiv => "FloorDiv",
        };
        self.plain(class, Vec::new())
    }

    fn comparison(&self, op: ast::CmpOp) -> Tree {
        use ast::CmpOp as O;
        let class = match op {
            O::Eq => "Eq",
            O::NotEq => "NotEq",
            O::Lt => "Lt",
            O::LtE => "LtE",
            O::Gt => "Gt",
            O::GtE => "GtE",
            O::Is => "Is",
            O::IsNot => "IsNot",
            O::In => "In",
            O::NotIn => "NotIn",
        };
        self.plain(class, Vec::new())
    }

    fn context(&self, ctx: ast::ExprContext) -> Tree {
        let class = match ctx {
            ast::ExprContext::Store => "Store",
            ast::ExprContext::Del => "Del",
            _ => "Load",
        };
        self.plain(class, Vec::new())
    }

    fn constant(&self, range: TextRange, value: Const) -> Tree {
        self.node("Constant", range, vec![Tree::Const(value), Tree::None])
    }

    fn generators(&self, list: &[ast::Comprehension]) -> Tree {
        let one = |c: &ast::Comprehension| {
            let fields = vec![
                self.expr(&c.target),
                self.expr(&c.iter),
                self.exprs(&c.ifs),
                Tree::Int(i64::from(c.is_async)),
            ];
            self.plain("comprehension", fields)
        };
        Tree::List(list.iter().map(one).collect())
    }

    pub(super) fn keywords(&self, list: &[ast::Keyword]) -> Tree {
        let one = |k: &ast::Keyword| {
            self.node("keyword", k.range, vec![self.name_or_none(k.arg.as_ref()), self.expr(&k.value)])
        };
        Tree::List(list.iter().map(one).collect())
    }

    pub(super) fn parameters(&self, p: Option<&ast::Parameters>) -> Tree {
        let arg = |p: &ast::Parameter| {
            let annotation = self.expr_or_none(p.annotation.as_deref());
            let range = TextRange::new(p.name.range.start(), p.range.end());
            self.node("arg", range, vec![self.name(&p.name), annotation, Tree::None])
        };
        let Some(p) = p else {
            let none = || Tree::List(Vec::new());
            return self
                .plain("arguments", vec![none(), none(), Tree::None, none(), none(), Tree::None, none()]);
        };
        let args =
            |list: &[ast::ParameterWithDefault]| Tree::List(list.iter().map(|p| arg(&p.parameter)).collect());
        let defaults = p.posonlyargs.iter().chain(&p.args).filter_map(|p| p.default.as_deref());
        let fields = vec![
            args(&p.posonlyargs),
            args(&p.args),
            p.vararg.as_deref().map_or(Tree::None, arg),
            args(&p.kwonlyargs),
            Tree::List(p.kwonlyargs.iter().map(|p| self.expr_or_none(p.default.as_deref())).collect()),
            p.kwarg.as_deref().map_or(Tree::None, arg),
            Tree::List(defaults.map(|d| self.expr(d)).collect()),
        ];
        self.plain("arguments", fields)
    }

    fn string(&self, s: &ast::ExprStringLiteral) -> Tree {
        let unicode = s.value.iter().next().is_some_and(|l| l.flags.prefix().is_unicode());
        let kind = if unicode { Tree::Name("u".into()) } else { Tree::None };
        let value = Const::Str(string_bytes(self.text, &s.value).into());
        self.node("Constant", s.range, vec![Tree::Const(value), kind])
    }

    // ---- f-strings and t-strings

    fn push_text(&self, out: &mut Vec<Tree>, range: TextRange, text: Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let Tree::Node(new) = self.constant(range, Const::Str(text.clone().into())) else { return };
        if let Some(Tree::Node(last)) = out.last_mut()
            && let Node { class: "Constant", place: Some(place), fields } = &mut **last
            && let Some(Tree::Const(Const::Str(before))) = fields.first_mut()
        {
            *before = [before.as_ref(), &text].concat().into();
            if let Some(end) = new.place {
                (place.end_line, place.end_col) = (end.end_line, end.end_col);
            }
            return;
        }
        out.push(Tree::Node(new));
    }

    fn elements(
        &self,
        list: &[InterpolatedStringElement],
        braces: bool,
        template: bool,
        out: &mut Vec<Tree>,
    ) {
        for e in list {
            match e {
                InterpolatedStringElement::Literal(l) => {
                    self.push_text(out, l.range, text_bytes(self.text, &l.value, l.range, braces));
                }
                InterpolatedStringElement::Interpolation(v) => {
                    if let Some(d) = &v.debug_text {
                        let text = debug_text(d);
                        let start = v.range.start() + TextSize::from(1);
                        let end = start + TextSize::try_from(d.as_str().len()).unwrap_or_default();
                        let range = TextRange::new(start, end.min(v.range.end()));
                        self.push_text(out, range, text.into_bytes());
                    }
                    out.push(self.interpolation(v, template));
                }
            }
        }
    }

    fn interpolation(&self, v: &ast::InterpolatedElement, template: bool) -> Tree {
        let conversion = match v.conversion {
            ConversionFlag::Str => 115,
            ConversionFlag::Repr => 114,
            ConversionFlag::Ascii => 97,
            ConversionFlag::None if v.debug_text.is_some() && v.format_spec.is_none() => 114,
            ConversionFlag::None => -1,
        };
        let spec = v.format_spec.as_ref().map_or(Tree::None, |s| {
            let mut values = Vec::new();
            self.elements(&s.elements, false, false, &mut values);
            // The reference counts the colon to the specification.
            let range = TextRange::new(s.range.start() - TextSize::from(1), s.range.end());
            self.node("JoinedStr", range, vec![Tree::List(values)])
        });
        let value = self.expr(&v.expression);
        if template {
            let text = expression_text(self.text, v);
            let text = Tree::Const(Const::Str(text.as_bytes().into()));
            return self.node("Interpolation", v.range, vec![value, text, Tree::Int(conversion), spec]);
        }
        self.node("FormattedValue", v.range, vec![value, Tree::Int(conversion), spec])
    }

    fn fstring(&self, f: &ast::ExprFString) -> Tree {
        let mut values = Vec::new();
        for part in &f.value {
            match part {
                ast::FStringPart::Literal(s) => {
                    let bytes = if s.flags.prefix().is_raw() {
                        s.value.as_bytes().to_vec()
                    } else {
                        text_bytes(self.text, &s.value, s.content_range(), false)
                    };
                    self.push_text(&mut values, s.range, bytes);
                }
                ast::FStringPart::FString(f) => self.elements(&f.elements, true, false, &mut values),
            }
        }
        self.node("JoinedStr", f.range, vec![Tree::List(values)])
    }

    fn tstring(&self, t: &ast::ExprTString) -> Tree {
        let mut values = Vec::new();
        for part in &t.value {
            self.elements(&part.elements, true, true, &mut values);
        }
        self.node("TemplateStr", t.range, vec![Tree::List(values)])
    }

    // ---- all others

    fn compare(&self, e: &ast::ExprCompare) -> Tree {
        let ops = Tree::List(e.ops.iter().map(|op| self.comparison(*op)).collect());
        self.node("Compare", e.range, vec![self.expr(&e.left), ops, self.exprs(&e.comparators)])
    }

    fn unary(&self, e: &ast::ExprUnaryOp) -> Tree {
        let class = match e.op {
            ast::UnaryOp::Invert => "Invert",
            ast::UnaryOp::Not => "Not",
            ast::UnaryOp::UAdd => "UAdd",
            ast::UnaryOp::USub => "USub",
        };
        self.node("UnaryOp", e.range, vec![self.plain(class, Vec::new()), self.expr(&e.operand)])
    }

    fn dict(&self, e: &ast::ExprDict) -> Tree {
        let keys = Tree::List(e.items.iter().map(|i| self.expr_or_none(i.key.as_ref())).collect());
        let values = Tree::List(e.items.iter().map(|i| self.expr(&i.value)).collect());
        self.node("Dict", e.range, vec![keys, values])
    }

    fn dict_comprehension(&self, e: &ast::ExprDictComp) -> Tree {
        let key = self.expr_or_none(e.key.as_deref());
        self.node("DictComp", e.range, vec![key, self.expr(&e.value), self.generators(&e.generators)])
    }

    fn call(&self, e: &ast::ExprCall) -> Tree {
        let fields =
            vec![self.expr(&e.func), self.exprs(&e.arguments.args), self.keywords(&e.arguments.keywords)];
        self.node("Call", e.range(), fields)
    }

    pub(super) fn expr(&self, e: &Expr) -> Tree {
        let node = |class, fields| self.node(class, e.range(), fields);
        match e {
            Expr::BoolOp(e) => {
                let class = if e.op == ast::BoolOp::And { "And" } else { "Or" };
                node("BoolOp", vec![self.plain(class, Vec::new()), self.exprs(&e.values)])
            }
            Expr::Named(e) => node("NamedExpr", vec![self.expr(&e.target), self.expr(&e.value)]),
            Expr::BinOp(e) => {
                node("BinOp", vec![self.expr(&e.left), self.operator(e.op), self.expr(&e.right)])
            }
            Expr::UnaryOp(e) => self.unary(e),
            Expr::Lambda(e) => {
                node("Lambda", vec![self.parameters(e.parameters.as_deref()), self.expr(&e.body)])
            }
            Expr::If(e) => node("IfExp", vec![self.expr(&e.test), self.expr(&e.body), self.expr(&e.orelse)]),
            Expr::Dict(e) => self.dict(e),
            Expr::Set(e) => node("Set", vec![self.exprs(&e.elts)]),
            Expr::ListComp(e) => node("ListComp", vec![self.expr(&e.elt), self.generators(&e.generators)]),
            Expr::SetComp(e) => node("SetComp", vec![self.expr(&e.elt), self.generators(&e.generators)]),
            Expr::DictComp(e) => self.dict_comprehension(e),
            Expr::Generator(e) => {
                let range = if e.parenthesized { e.range } else { call_parentheses(self.text, e.range) };
                self.node("GeneratorExp", range, vec![self.expr(&e.elt), self.generators(&e.generators)])
            }
            Expr::Await(e) => node("Await", vec![self.expr(&e.value)]),
            Expr::Yield(e) => node("Yield", vec![self.expr_or_none(e.value.as_deref())]),
            Expr::YieldFrom(e) => node("YieldFrom", vec![self.expr(&e.value)]),
            Expr::Compare(e) => self.compare(e),
            Expr::Call(e) => self.call(e),
            Expr::FString(e) => self.fstring(e),
            Expr::TString(e) => self.tstring(e),
            Expr::StringLiteral(e) => self.string(e),
            Expr::BytesLiteral(e) => {
                let bytes: Vec<u8> = e.value.bytes().collect();
                self.constant(e.range, Const::Bytes(bytes.into()))
            }
            Expr::NumberLiteral(e) => self.constant(e.range, crate::codegen::number(&e.value)),
            Expr::BooleanLiteral(e) => self.constant(e.range, Const::Bool(e.value)),
            Expr::NoneLiteral(e) => self.constant(e.range, Const::None),
            Expr::EllipsisLiteral(e) => self.constant(e.range, Const::Ellipsis),
            Expr::Attribute(e) => {
                node("Attribute", vec![self.expr(&e.value), self.name(&e.attr), self.context(e.ctx)])
            }
            Expr::Subscript(e) => {
                node("Subscript", vec![self.expr(&e.value), self.expr(&e.slice), self.context(e.ctx)])
            }
            Expr::Starred(e) => node("Starred", vec![self.expr(&e.value), self.context(e.ctx)]),
            Expr::Name(e) => node("Name", vec![Tree::Name(e.id.to_string()), self.context(e.ctx)]),
            Expr::List(e) => node("List", vec![self.exprs(&e.elts), self.context(e.ctx)]),
            Expr::Tuple(e) => node("Tuple", vec![self.exprs(&e.elts), self.context(e.ctx)]),
            Expr::Slice(e) => {
                let part = |p: &Option<Box<Expr>>| self.expr_or_none(p.as_deref());
                node("Slice", vec![part(&e.lower), part(&e.upper), part(&e.step)])
            }
            Expr::IpyEscapeCommand(e) => self.constant(e.range, Const::None),
        }
    }
}
