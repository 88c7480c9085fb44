//! Code generation: AST and symbols to [`Code`].
//!
//! ```text
//! mod.rs            entry points, units, names        emit.rs        one code object in the making
//! expr.rs           expressions                       cond.rs        conditions, comparisons, and/or
//! call.rs           calls and super                   strings.rs     literals, f-strings, t-strings
//! function.rs       functions, lambdas, type params   class.rs       classes
//! comprehension.rs  comprehensions                    annotations.rs lazy annotations
//! stmt.rs           statements                        flow.rs        loops, leaving blocks
//! try_with.rs       try, with                         pattern.rs     match
//! assign.rs         targets, unpacking, del           fold.rs        constant folding
//! ```
//! Invariant: an expression compiled with [`Dest::Push`] leaves exactly one more temporary than there was, even in code
//! that is not emitted because it cannot be reached.

mod annotations;
mod assign;
mod call;
mod class;
mod comprehension;
mod cond;
mod emit;
mod expr;
mod flow;
mod fold;
mod function;
mod lines;
mod pattern;
mod stmt;
mod strings;
mod try_with;
mod unparse;

use crate::error::{CompileError, ErrorKind};
use crate::symtable::{self, Meaning, Part, ScopeId, ScopeKind, Symbols, mangle};
use crate::{Mode, Options};
pub(crate) use comprehension::call_parentheses;
use emit::{Opd, Unit};
pub(crate) use fold::number;
use hognose_bytecode::{Code, CodeFlags, Op, SpecialValue};
pub(crate) use lines::Lines;
use ruff_python_ast::{Decorator, Expr, ExprAttribute, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
pub(crate) use strings::{debug_text, expression_text, string_bytes, text_bytes};

type Res<T = ()> = Result<T, CompileError>;

/// Where a value goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dest {
    /// The next temporary.
    Push,
    /// A local register.
    Local(u16),
}

/// Where a name lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Local(u16),
    /// Cell in a register of this frame.
    Deref(u16),
    /// Class body: namespace, else the cell.
    ClassDeref(u16),
    /// Annotation scope in a class: class namespace, else the cell.
    DictOrDeref(u16),
    /// Annotation scope in a class: class namespace, else global.
    DictOrGlobal,
    Global,
    Name,
}

struct Gen<'a> {
    source: &'a str,
    options: &'a Options,
    symbols: Symbols,
    lines: Lines,
    filename: Rc<str>,
    /// No 16-bit jumps to far targets.
    wide: bool,
    has_walrus: bool,
    /// Addresses of expressions known not to be constant.
    not_constant: RefCell<HashSet<usize>>,
    u: Unit<'a>,
    outer: Vec<Unit<'a>>,
}

/// Code of a module or interactive statement.
pub(crate) fn module(source: &str, options: &Options, body: &[Stmt]) -> Res<Rc<Code>> {
    retry(|wide| {
        single_statement(source, options, body)?;
        let mut g =
            Gen::new(source, options, symtable::module(source, body, options.future_annotations)?, wide);
        g.module_body(body)?;
        Ok(Rc::new(g.u.finish(&g.lines)?))
    })
}

/// Interactive input is one statement, or several on one line.
fn single_statement(source: &str, options: &Options, body: &[Stmt]) -> Res {
    let line = |offset| crate::error::place(source, offset).0;
    let apart = body.windows(2).find(|w| line(w[0].end()) < line(w[1].start()));
    match apart.filter(|_| options.mode == Mode::Single && options.marks.is_empty()) {
        None => Ok(()),
        Some(w) => {
            let message = "multiple statements found while compiling a single statement";
            Err(CompileError::at(ErrorKind::Syntax, message, source, w[0].range()))
        }
    }
}

/// Code of an expression.
pub(crate) fn eval(source: &str, options: &Options, e: &Expr) -> Res<Rc<Code>> {
    retry(|wide| {
        let mut g = Gen::new(source, options, symtable::expression(source, e)?, wide);
        g.return_value(Some(e))?;
        Ok(Rc::new(g.u.finish(&g.lines)?))
    })
}

/// Tries short jumps first.
fn retry(mut run: impl FnMut(bool) -> Res<Rc<Code>>) -> Res<Rc<Code>> {
    match run(false) {
        Err(e) if e.kind == ErrorKind::TooLarge => run(true),
        other => other,
    }
}

impl<'a> Gen<'a> {
    fn new(source: &'a str, options: &'a Options, symbols: Symbols, wide: bool) -> Gen<'a> {
        let filename: Rc<str> = options.filename.as_str().into();
        let code = Code {
            name: "<module>".into(),
            qualname: "<module>".into(),
            filename: Rc::clone(&filename),
            first_line: 1,
            ..Code::default()
        };
        let has_walrus = source.contains(":=");
        let u = Unit::new(0, code);
        let lines = Lines::new(source, &options.marks);
        let mut g = Gen {
            source,
            options,
            symbols,
            lines,
            filename,
            wide,
            has_walrus,
            not_constant: RefCell::default(),
            u,
            outer: Vec::new(),
        };
        if g.symbols.future_annotations {
            g.u.code.flags.0 |= 0x100_0000;
        }
        g.registers();
        g
    }

    fn module_body(&mut self, body: &'a [Stmt]) -> Res {
        let mut rest = body;
        if self.options.mode == Mode::Module
            && let Some((Stmt::Expr(e), after)) = body.split_first()
            && let Expr::StringLiteral(s) = &*e.value
        {
            rest = after;
            self.u.range = e.range;
            if self.options.optimize < 2 {
                let doc = self.docstring(s);
                self.load_const(&doc, Dest::Push);
                self.store_top("__doc__")?;
            }
        }
        self.module_annotations(body)?;
        self.body(rest)?;
        self.end_body();
        Ok(())
    }

    /// `return None` at the end if it can be reached.
    fn end_body(&mut self) {
        self.u.emit(Op::ReturnSpecial, SpecialValue::None as u16, 0, 0);
    }

    fn fail<T>(&self, message: impl Into<String>, range: TextRange) -> Res<T> {
        Err(CompileError::at(ErrorKind::Syntax, message, self.source, range))
    }

    fn scope(&self) -> &symtable::Scope {
        &self.symbols.scopes[self.u.scope]
    }

    fn scope_of<T>(&self, node: &T, part: Part) -> Res<ScopeId> {
        let none = || CompileError::new(ErrorKind::Syntax, "internal: a scope is missing");
        self.symbols.scope_of(node, part).ok_or_else(none)
    }

    /// Begins a nested code object for a scope. `range` gives its first line.
    fn enter(&mut self, scope: ScopeId, name: &str, range: TextRange) {
        let kind = self.symbols.scopes[scope].kind;
        let mut flags = 0;
        if kind.is_function() {
            flags |= CodeFlags::OPTIMIZED | CodeFlags::NEWLOCALS;
        }
        let nested =
            self.outer.iter().chain([&self.u]).any(|u| self.symbols.scopes[u.scope].kind.is_function());
        if nested && kind.is_function() {
            flags |= CodeFlags::NESTED;
        }
        if self.scope().kind == ScopeKind::Class
            && matches!(kind, ScopeKind::Function | ScopeKind::Comprehension)
        {
            flags |= CodeFlags::METHOD;
        }
        if self.symbols.future_annotations {
            flags |= 0x100_0000;
        }
        let code = Code {
            name: name.into(),
            qualname: self.qualname(name, kind).into(),
            filename: Rc::clone(&self.filename),
            first_line: self.lines.place(range.start().into()).0,
            flags: CodeFlags(flags),
            ..Code::default()
        };
        let mut unit = Unit::new(scope, code);
        unit.range = range;
        self.outer.push(std::mem::replace(&mut self.u, unit));
        self.registers();
    }

    /// Ends the nested code object.
    fn leave(&mut self) -> Res<Rc<Code>> {
        let Some(outer) = self.outer.pop() else {
            return Err(CompileError::new(ErrorKind::Syntax, "internal: no enclosing code"));
        };
        let unit = std::mem::replace(&mut self.u, outer);
        Ok(Rc::new(unit.finish(&self.lines)?))
    }

    fn qualname(&self, name: &str, kind: ScopeKind) -> String {
        let units: Vec<&Unit<'a>> = self.outer.iter().chain([&self.u]).collect();
        let mut parent = units.len() - 1;
        if parent > 0 && units[parent].code.name.starts_with("<generic parameters of ") {
            parent -= 1;
        }
        if parent == 0 {
            return name.to_string();
        }
        let unit = units[parent];
        let scope = &self.symbols.scopes[unit.scope];
        let mangled = mangle(scope.class_name.as_deref(), name);
        let named = matches!(kind, ScopeKind::Function | ScopeKind::Class);
        if named && scope.meanings.get(&mangled) == Some(&Meaning::GlobalExplicit) {
            return name.to_string();
        }
        let between = if scope.kind == ScopeKind::Function { ".<locals>." } else { "." };
        format!("{}{between}{name}", unit.code.qualname)
    }

    /// Numbers the registers of the current unit (see [`Code`]).
    fn registers(&mut self) {
        let id = self.u.scope;
        let scope = &self.symbols.scopes[id];
        let mut names: Vec<Rc<str>> = Vec::new();
        let mut locals = HashMap::new();
        let mut cells = Vec::new();
        let function = scope.kind.is_function();
        let param = |n: &String| scope.names.get(n).is_some_and(|u| u.param);
        let own: Vec<(&String, Meaning)> = if function { scope.own_names().collect() } else { Vec::new() };
        let params = own.iter().filter(|(n, _)| param(n));
        let plain = own.iter().filter(|(n, m)| !param(n) && *m == Meaning::Local);
        let mut celled: Vec<_> = own.iter().filter(|(n, m)| !param(n) && *m == Meaning::Cell).collect();
        celled.sort();
        for &(n, m) in params.chain(plain).chain(celled) {
            let r = names.len().min(0xffff) as u16;
            if m == Meaning::Cell {
                cells.push(r);
            } else if param(n) {
                self.u.bound.insert(r);
            }
            locals.insert(n.clone(), r);
            names.push(n.as_str().into());
        }
        let special = [
            ("__class__", scope.needs_class_cell),
            ("__classdict__", scope.needs_class_dict),
            ("__conditional_annotations__", scope.kind == ScopeKind::Class && scope.conditional_annotations),
        ];
        for (n, _) in special.into_iter().filter(|s| s.1 && scope.kind == ScopeKind::Class) {
            let r = names.len() as u16;
            cells.push(r);
            locals.insert(n.to_string(), r);
            names.push(n.into());
        }
        self.u.hidden_next = names.len().min(0xffff) as u16;
        for i in 0..self.symbols.hidden_count(id) {
            self.u.code.hidden.push(names.len().min(0xffff) as u16);
            names.push(format!(".hidden{i}").as_str().into());
        }
        for n in &scope.free {
            let r = names.len().min(0xffff) as u16;
            self.u.free.insert(n.clone(), r);
            self.u.code.freevars.push(r);
            names.push(n.as_str().into());
        }
        for n in &scope.deleted {
            if let Some(&r) = locals.get(n) {
                self.u.deleted.insert(r);
            }
        }
        self.u.too_large |= names.len() > 0xfff0;
        self.u.code.nlocals = names.len().min(0xfff0) as u16;
        self.u.code.varnames = names;
        self.u.code.cellvars = cells;
        self.u.locals = locals;
    }

    /// Begins the instructions: the generator, then the cells.
    fn prologue(&mut self) {
        for r in self.u.code.cellvars.clone() {
            self.u.emit(Op::MakeCell, r, 0, 0);
        }
    }

    /// The name as the class around sees it.
    fn mangled(&self, name: &str) -> String {
        mangle(self.scope().class_name.as_deref(), name)
    }

    /// Where a (mangled) name lives.
    fn place(&self, name: &str) -> Place {
        for (id, registers) in self.u.inlined.iter().rev() {
            match self.symbols.scopes[*id].meanings.get(name) {
                Some(Meaning::Local) if registers.contains_key(name) => return Place::Local(registers[name]),
                Some(Meaning::Cell) if registers.contains_key(name) => return Place::Deref(registers[name]),
                Some(Meaning::GlobalExplicit) => return Place::Global,
                _ => {}
            }
        }
        let scope = self.scope();
        let namespace = match scope.kind {
            ScopeKind::Module => self.options.namespace,
            ScopeKind::Class => true,
            _ => false,
        };
        match scope.meanings.get(name) {
            Some(Meaning::Local | Meaning::Cell) if scope.kind.is_function() => match self.u.locals.get(name)
            {
                Some(&r) if scope.meanings[name] == Meaning::Cell => Place::Deref(r),
                Some(&r) => Place::Local(r),
                None => Place::Global,
            },
            Some(Meaning::Free) => match (self.u.free.get(name), scope.kind) {
                (Some(&r), ScopeKind::Class) => Place::ClassDeref(r),
                (Some(&r), _)
                    if scope.sees_class
                        && !matches!(name, "__classdict__" | "__conditional_annotations__") =>
                {
                    Place::DictOrDeref(r)
                }
                (Some(&r), _) => Place::Deref(r),
                (None, _) => Place::Global,
            },
            Some(Meaning::GlobalExplicit) => Place::Global,
            Some(Meaning::GlobalImplicit) if scope.sees_class => Place::DictOrGlobal,
            _ if namespace => Place::Name,
            _ => Place::Global,
        }
    }

    /// The register holding the cell of a (mangled) name that a function inside needs.
    fn cell_register(&self, name: &str) -> Option<u16> {
        for (id, registers) in self.u.inlined.iter().rev() {
            if self.symbols.scopes[*id].meanings.get(name) == Some(&Meaning::Cell)
                && registers.contains_key(name)
            {
                return registers.get(name).copied();
            }
        }
        let own = self.u.locals.get(name).filter(|r| self.u.code.cellvars.contains(r));
        own.or_else(|| self.u.free.get(name)).copied()
    }

    /// Could evaluating `e` rebind the local in register `r`?
    fn rebinds(&self, e: &Expr, r: u16) -> bool {
        self.has_walrus
            && expr::walrus_names(e).iter().any(|n| self.place(&self.mangled(n)) == Place::Local(r))
    }

    /// Emits `op dest, b, c` consuming the operands; `op` may have a form with a local destination.
    fn finish_op(&mut self, op: Op, b: Opd, c: Option<Opd>, immediate: u16, dest: Dest) {
        let consumed = u16::from(b.temp) + u16::from(c.is_some_and(|c| c.temp));
        let third = c.map_or(immediate, |c| c.reg);
        if let (Dest::Local(r), Some(local)) = (dest, op.to_local()) {
            self.u.emit(local, r, b.reg, third);
            self.u.drop_temps(consumed);
            self.u.bound.insert(r);
            return;
        }
        let t = self.u.temp(self.u.depth.saturating_sub(consumed));
        self.u.emit(op, t, b.reg, third);
        self.u.drop_temps(consumed);
        self.u.push();
        self.deliver(dest);
    }

    /// Moves the topmost temporary to its destination.
    fn deliver(&mut self, dest: Dest) {
        if let Dest::Local(r) = dest {
            let t = self.u.top();
            self.u.emit(Op::MoveL, r, t, 0);
            self.u.drop_temps(1);
            self.u.bound.insert(r);
        }
    }

    /// Drops the topmost temporary.
    fn release_top(&mut self) {
        let t = self.u.top();
        self.u.emit(Op::Release, t, 0, 0);
        self.u.drop_temps(1);
    }

    /// An attribute over several lines is reported at its name: the range of `whole` from there on.
    fn attribute_range(&self, a: &ExprAttribute, whole: TextRange) -> TextRange {
        let line = |offset: TextSize| self.lines.place(offset.into()).0;
        if line(whole.start()) == line(a.attr.end()) {
            return whole;
        }
        TextRange::new(a.attr.start(), whole.end().max(a.attr.end()))
    }

    /// An empty range at column 0 of the line where `range` starts.
    fn line_start(&self, range: TextRange) -> TextRange {
        if self.lines.are_marked() {
            return TextRange::empty(range.start());
        }
        let (_, col) = self.lines.place(range.start().into());
        TextRange::at(range.start() - TextSize::from(col), TextSize::from(0))
    }

    /// The range of a definition without its decorators.
    fn without_decorators(&self, decorators: &[Decorator], range: TextRange) -> TextRange {
        let Some(last) = decorators.last() else { return range };
        let mut at = usize::from(last.end());
        loop {
            let rest = self.source.get(at..).unwrap_or("");
            at += rest.len() - rest.trim_start().len();
            match self.source.get(at..) {
                Some(rest) if rest.starts_with('#') => at += rest.find('\n').unwrap_or(rest.len()),
                _ => break,
            }
        }
        TextRange::new(TextSize::try_from(at).unwrap_or(range.start()).min(range.end()), range.end())
    }

    /// Runs `f` with the source position of `range`.
    fn at<T>(&mut self, range: TextRange, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.u.range, range);
        let result = f(self);
        self.u.range = outer;
        result
    }

    /// Source position of a node for what is emitted next.
    fn mark(&mut self, node: &impl Ranged) {
        self.u.range = node.range();
    }
}
