//! The classes of the syntax tree as programs see it: the grammar of the module `ast`.
//!
//! A row is (class, base, documentation); the documentation of a class with fields names them with their types, as
//! `Name(type field, type* list, type? optional, …)`, and is read for that ([`fields`]).

/// All classes but `AST`, bases before what derives from them.
pub const CLASSES: &[(&str, &str, &str)] = &[
    ("alias", "AST", "alias(identifier name, identifier? asname)"),
    ("arg", "AST", "arg(identifier arg, expr? annotation, string? type_comment)"),
    (
        "arguments",
        "AST",
        "arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr* kw_defaults, arg? kwarg, expr* defaults)",
    ),
    ("boolop", "AST", "boolop = And | Or"),
    ("cmpop", "AST", "cmpop = Eq | NotEq | Lt | LtE | Gt | GtE | Is | IsNot | In | NotIn"),
    ("comprehension", "AST", "comprehension(expr target, expr iter, expr* ifs, int is_async)"),
    ("excepthandler", "AST", "excepthandler = ExceptHandler(expr? type, identifier? name, stmt* body)"),
    (
        "expr",
        "AST",
        "expr = BoolOp(boolop op, expr* values)\n     | NamedExpr(expr target, expr value)\n     | BinOp(expr left, operator op, expr right)\n     | UnaryOp(unaryop op, expr operand)\n     | Lambda(arguments args, expr body)\n     | IfExp(expr test, expr body, expr orelse)\n     | Dict(expr?* keys, expr* values)\n     | Set(expr* elts)\n     | ListComp(expr elt, comprehension* generators)\n     | SetComp(expr elt, comprehension* generators)\n     | DictComp(expr key, expr value, comprehension* generators)\n     | GeneratorExp(expr elt, comprehension* generators)\n     | Await(expr value)\n     | Yield(expr? value)\n     | YieldFrom(expr value)\n     | Compare(expr left, cmpop* ops, expr* comparators)\n     | Call(expr func, expr* args, keyword* keywords)\n     | FormattedValue(expr value, int conversion, expr? format_spec)\n     | Interpolation(expr value, constant str, int conversion, expr? format_spec)\n     | JoinedStr(expr* values)\n     | TemplateStr(expr* values)\n     | Constant(constant value, string? kind)\n     | Attribute(expr value, identifier attr, expr_context ctx)\n     | Subscript(expr value, expr slice, expr_context ctx)\n     | Starred(expr value, expr_context ctx)\n     | Name(identifier id, expr_context ctx)\n     | List(expr* elts, expr_context ctx)\n     | Tuple(expr* elts, expr_context ctx)\n     | Slice(expr? lower, expr? upper, expr? step)",
    ),
    ("expr_context", "AST", "expr_context = Load | Store | Del"),
    ("keyword", "AST", "keyword(identifier? arg, expr value)"),
    ("match_case", "AST", "match_case(pattern pattern, expr? guard, stmt* body)"),
    (
        "mod",
        "AST",
        "mod = Module(stmt* body, type_ignore* type_ignores)\n    | Interactive(stmt* body)\n    | Expression(expr body)\n    | FunctionType(expr* argtypes, expr returns)",
    ),
    (
        "operator",
        "AST",
        "operator = Add | Sub | Mult | MatMult | Div | Mod | Pow | LShift | RShift | BitOr | BitXor | BitAnd | FloorDiv",
    ),
    (
        "pattern",
        "AST",
        "pattern = MatchValue(expr value)\n        | MatchSingleton(constant value)\n        | MatchSequence(pattern* patterns)\n        | MatchMapping(expr* keys, pattern* patterns, identifier? rest)\n        | MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)\n        | MatchStar(identifier? name)\n        | MatchAs(pattern? pattern, identifier? name)\n        | MatchOr(pattern* patterns)",
    ),
    (
        "stmt",
        "AST",
        "stmt = FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)\n     | AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)\n     | ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)\n     | Return(expr? value)\n     | Delete(expr* targets)\n     | Assign(expr* targets, expr value, string? type_comment)\n     | TypeAlias(expr name, type_param* type_params, expr value)\n     | AugAssign(expr target, operator op, expr value)\n     | AnnAssign(expr target, expr annotation, expr? value, int simple)\n     | For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)\n     | AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)\n     | While(expr test, stmt* body, stmt* orelse)\n     | If(expr test, stmt* body, stmt* orelse)\n     | With(withitem* items, stmt* body, string? type_comment)\n     | AsyncWith(withitem* items, stmt* body, string? type_comment)\n     | Match(expr subject, match_case* cases)\n     | Raise(expr? exc, expr? cause)\n     | Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)\n     | TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)\n     | Assert(expr test, expr? msg)\n     | Import(alias* names)\n     | ImportFrom(identifier? module, alias* names, int? level)\n     | Global(identifier* names)\n     | Nonlocal(identifier* names)\n     | Expr(expr value)\n     | Pass\n     | Break\n     | Continue",
    ),
    ("type_ignore", "AST", "type_ignore = TypeIgnore(int lineno, string tag)"),
    (
        "type_param",
        "AST",
        "type_param = TypeVar(identifier name, expr? bound, expr? default_value)\n           | ParamSpec(identifier name, expr? default_value)\n           | TypeVarTuple(identifier name, expr? default_value)",
    ),
    ("unaryop", "AST", "unaryop = Invert | Not | UAdd | USub"),
    ("withitem", "AST", "withitem(expr context_expr, expr? optional_vars)"),
    ("Add", "operator", "Add"),
    ("And", "boolop", "And"),
    ("AnnAssign", "stmt", "AnnAssign(expr target, expr annotation, expr? value, int simple)"),
    ("Assert", "stmt", "Assert(expr test, expr? msg)"),
    ("Assign", "stmt", "Assign(expr* targets, expr value, string? type_comment)"),
    ("AsyncFor", "stmt", "AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)"),
    (
        "AsyncFunctionDef",
        "stmt",
        "AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)",
    ),
    ("AsyncWith", "stmt", "AsyncWith(withitem* items, stmt* body, string? type_comment)"),
    ("Attribute", "expr", "Attribute(expr value, identifier attr, expr_context ctx)"),
    ("AugAssign", "stmt", "AugAssign(expr target, operator op, expr value)"),
    ("Await", "expr", "Await(expr value)"),
    ("BinOp", "expr", "BinOp(expr left, operator op, expr right)"),
    ("BitAnd", "operator", "BitAnd"),
    ("BitOr", "operator", "BitOr"),
    ("BitXor", "operator", "BitXor"),
    ("BoolOp", "expr", "BoolOp(boolop op, expr* values)"),
    ("Break", "stmt", "Break"),
    ("Call", "expr", "Call(expr func, expr* args, keyword* keywords)"),
    (
        "ClassDef",
        "stmt",
        "ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params)",
    ),
    ("Compare", "expr", "Compare(expr left, cmpop* ops, expr* comparators)"),
    ("Constant", "expr", "Constant(constant value, string? kind)"),
    ("Continue", "stmt", "Continue"),
    ("Del", "expr_context", "Del"),
    ("Delete", "stmt", "Delete(expr* targets)"),
    ("Dict", "expr", "Dict(expr?* keys, expr* values)"),
    ("DictComp", "expr", "DictComp(expr key, expr value, comprehension* generators)"),
    ("Div", "operator", "Div"),
    ("Eq", "cmpop", "Eq"),
    ("ExceptHandler", "excepthandler", "ExceptHandler(expr? type, identifier? name, stmt* body)"),
    ("Expr", "stmt", "Expr(expr value)"),
    ("Expression", "mod", "Expression(expr body)"),
    ("FloorDiv", "operator", "FloorDiv"),
    ("For", "stmt", "For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)"),
    ("FormattedValue", "expr", "FormattedValue(expr value, int conversion, expr? format_spec)"),
    (
        "FunctionDef",
        "stmt",
        "FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params)",
    ),
    ("FunctionType", "mod", "FunctionType(expr* argtypes, expr returns)"),
    ("GeneratorExp", "expr", "GeneratorExp(expr elt, comprehension* generators)"),
    ("Global", "stmt", "Global(identifier* names)"),
    ("Gt", "cmpop", "Gt"),
    ("GtE", "cmpop", "GtE"),
    ("If", "stmt", "If(expr test, stmt* body, stmt* orelse)"),
    ("IfExp", "expr", "IfExp(expr test, expr body, expr orelse)"),
    ("Import", "stmt", "Import(alias* names)"),
    ("ImportFrom", "stmt", "ImportFrom(identifier? module, alias* names, int? level)"),
    ("In", "cmpop", "In"),
    ("Interactive", "mod", "Interactive(stmt* body)"),
    ("Interpolation", "expr", "Interpolation(expr value, constant str, int conversion, expr? format_spec)"),
    ("Invert", "unaryop", "Invert"),
    ("Is", "cmpop", "Is"),
    ("IsNot", "cmpop", "IsNot"),
    ("JoinedStr", "expr", "JoinedStr(expr* values)"),
    ("LShift", "operator", "LShift"),
    ("Lambda", "expr", "Lambda(arguments args, expr body)"),
    ("List", "expr", "List(expr* elts, expr_context ctx)"),
    ("ListComp", "expr", "ListComp(expr elt, comprehension* generators)"),
    ("Load", "expr_context", "Load"),
    ("Lt", "cmpop", "Lt"),
    ("LtE", "cmpop", "LtE"),
    ("MatMult", "operator", "MatMult"),
    ("Match", "stmt", "Match(expr subject, match_case* cases)"),
    ("MatchAs", "pattern", "MatchAs(pattern? pattern, identifier? name)"),
    (
        "MatchClass",
        "pattern",
        "MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)",
    ),
    ("MatchMapping", "pattern", "MatchMapping(expr* keys, pattern* patterns, identifier? rest)"),
    ("MatchOr", "pattern", "MatchOr(pattern* patterns)"),
    ("MatchSequence", "pattern", "MatchSequence(pattern* patterns)"),
    ("MatchSingleton", "pattern", "MatchSingleton(constant value)"),
    ("MatchStar", "pattern", "MatchStar(identifier? name)"),
    ("MatchValue", "pattern", "MatchValue(expr value)"),
    ("Mod", "operator", "Mod"),
    ("Module", "mod", "Module(stmt* body, type_ignore* type_ignores)"),
    ("Mult", "operator", "Mult"),
    ("Name", "expr", "Name(identifier id, expr_context ctx)"),
    ("NamedExpr", "expr", "NamedExpr(expr target, expr value)"),
    ("Nonlocal", "stmt", "Nonlocal(identifier* names)"),
    ("Not", "unaryop", "Not"),
    ("NotEq", "cmpop", "NotEq"),
    ("NotIn", "cmpop", "NotIn"),
    ("Or", "boolop", "Or"),
    ("ParamSpec", "type_param", "ParamSpec(identifier name, expr? default_value)"),
    ("Pass", "stmt", "Pass"),
    ("Pow", "operator", "Pow"),
    ("RShift", "operator", "RShift"),
    ("Raise", "stmt", "Raise(expr? exc, expr? cause)"),
    ("Return", "stmt", "Return(expr? value)"),
    ("Set", "expr", "Set(expr* elts)"),
    ("SetComp", "expr", "SetComp(expr elt, comprehension* generators)"),
    ("Slice", "expr", "Slice(expr? lower, expr? upper, expr? step)"),
    ("Starred", "expr", "Starred(expr value, expr_context ctx)"),
    ("Store", "expr_context", "Store"),
    ("Sub", "operator", "Sub"),
    ("Subscript", "expr", "Subscript(expr value, expr slice, expr_context ctx)"),
    ("TemplateStr", "expr", "TemplateStr(expr* values)"),
    ("Try", "stmt", "Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)"),
    ("TryStar", "stmt", "TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)"),
    ("Tuple", "expr", "Tuple(expr* elts, expr_context ctx)"),
    ("TypeAlias", "stmt", "TypeAlias(expr name, type_param* type_params, expr value)"),
    ("TypeIgnore", "type_ignore", "TypeIgnore(int lineno, string tag)"),
    ("TypeVar", "type_param", "TypeVar(identifier name, expr? bound, expr? default_value)"),
    ("TypeVarTuple", "type_param", "TypeVarTuple(identifier name, expr? default_value)"),
    ("UAdd", "unaryop", "UAdd"),
    ("USub", "unaryop", "USub"),
    ("UnaryOp", "expr", "UnaryOp(unaryop op, expr operand)"),
    ("While", "stmt", "While(expr test, stmt* body, stmt* orelse)"),
    ("With", "stmt", "With(withitem* items, stmt* body, string? type_comment)"),
    ("Yield", "expr", "Yield(expr? value)"),
    ("YieldFrom", "expr", "YieldFrom(expr value)"),
];

/// Bases whose nodes have a place in the source.
pub const PLACED: [&str; 8] =
    ["alias", "arg", "excepthandler", "expr", "keyword", "pattern", "stmt", "type_param"];

/// How often a field is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quantity {
    /// Always.
    One,
    /// It may be None.
    Optional,
    /// A list.
    Many,
}

/// A field of a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// `identifier`, `int`, `string`, `constant` or a class.
    pub class: &'static str,
    /// How many of them.
    pub quantity: Quantity,
}

/// The fields of the class with this documentation.
pub fn fields(name: &str, doc: &'static str) -> Vec<Field> {
    let Some(inner) = doc.strip_prefix(name).and_then(|d| d.strip_prefix('(')?.strip_suffix(')')) else {
        return Vec::new();
    };
    let field = |text: &'static str| {
        let (class, name) = text.split_once(' ')?;
        let (class, quantity) = match class.as_bytes().last()? {
            b'*' => (class.trim_end_matches(['*', '?']), Quantity::Many),
            b'?' => (&class[..class.len() - 1], Quantity::Optional),
            _ => (class, Quantity::One),
        };
        Some(Field { name, class, quantity })
    };
    inner.split(", ").filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_classes() {
        let row = CLASSES.iter().find(|c| c.0 == "arguments").expect("a class of the grammar");
        let fields = fields(row.0, row.2);
        assert_eq!(fields.len(), 7);
        assert_eq!(fields[4], Field { name: "kw_defaults", class: "expr", quantity: Quantity::Many });
        assert_eq!(super::fields("Load", "Load"), []);
        assert_eq!(super::fields("expr_context", "expr_context = Load | Store | Del"), []);
    }
}
