//! From the compiler's [`Code`] to code objects, and running source text.
#![allow(unsafe_code, reason = "writes fresh code objects")]

use crate::code_object::Face;
use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{Code, Const};
use hognose_compiler::{CompileError, CompileWarning, ErrorKind, Mode, Options};
use hognose_object::objects::FunctionObj;
use hognose_object::{ELLIPSIS, FALSE, Layout, NONE, Owned, Ref, TRUE, Value, ValueExt};
use num_bigint::BigInt;
use std::collections::HashMap;
use std::rc::Rc;

/// Constants of one compilation unit: equal ones are one object.
#[derive(Default)]
pub(crate) struct Pool(HashMap<Vec<u8>, Owned>);

/// Bytes that are the same for constants that may be one object: `1`, `1.0` and `True` differ, as do `0.0` and `-0.0`.
fn pool_key(c: &Const, out: &mut Vec<u8>) {
    let mut put = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(bytes);
    };
    match c {
        Const::None => put(0, &[]),
        Const::Bool(b) => put(1, &[u8::from(*b)]),
        Const::Ellipsis => put(2, &[]),
        Const::Int(n) => put(3, &n.to_le_bytes()),
        Const::BigInt(text) => put(4, text.as_bytes()),
        Const::Float(x) => put(5, &x.to_bits().to_le_bytes()),
        Const::Complex(re, im) => put(6, &[re.to_bits(), im.to_bits()].map(u64::to_le_bytes).concat()),
        Const::Str(s) => put(7, s),
        Const::Bytes(s) => put(8, s),
        Const::Code(code) => put(9, &Rc::as_ptr(code).addr().to_le_bytes()),
        Const::Tuple(items) | Const::FrozenSet(items) => {
            put(if matches!(c, Const::Tuple(_)) { 10 } else { 11 }, &items.len().to_le_bytes());
            items.iter().for_each(|i| pool_key(i, out));
        }
    }
}

impl Vm {
    /// Compiles source text to a code object; SyntaxError and its kin with place and text.
    pub fn compile_source(&mut self, source: &str, filename: &str, mode: Mode) -> PyResult {
        let optimize = self.config.flags.optimize;
        let options = Options { filename: filename.into(), mode, optimize, ..Options::default() };
        self.compile_with(source, &options)
    }

    /// Compiles with options.
    pub fn compile_with(&mut self, source: &str, options: &Options) -> PyResult {
        match hognose_compiler::compile_with_warnings(source, options) {
            Ok((code, warnings)) => self.load_compiled(&code, &warnings, &options.filename),
            Err(e) => Err(self.raise_compile_error(&e, &options.filename)),
        }
    }

    /// Shows warnings and makes the code object.
    pub(crate) fn load_compiled(
        &mut self,
        code: &Rc<Code>,
        warnings: &[CompileWarning],
        filename: &str,
    ) -> PyResult {
        for w in warnings {
            self.show_syntax_warning(w, filename)?;
        }
        self.load_code(code)
    }

    /// The object of a single constant.
    pub(crate) fn load_single_const(&mut self, c: &Const) -> PyResult {
        self.load_const(c, &mut Pool::default())
    }

    #[cold]
    fn show_syntax_warning(&mut self, w: &CompileWarning, filename: &str) -> PyResult<()> {
        if self.warnings_are_used()? {
            let file = self.new_str(filename)?;
            return match self.warn_explicit(Exc::SyntaxWarning, &w.message, file.as_ref(), w.line) {
                Err(e) if self.raised_is(&e, Exc::SyntaxWarning) => {
                    self.discard(e);
                    Err(self.raise_warning_as_error(w, filename))
                }
                other => other,
            };
        }
        let mut shown = format!("{filename}:{}: SyntaxWarning: {}\n", w.line, w.message);
        if let Some(text) = &w.text {
            shown.push_str(&format!("  {text}\n"));
        }
        crate::traceback::write_stderr(self, shown.as_bytes());
        Ok(())
    }

    /// A filter made the warning an error: it has the warning's place.
    fn raise_warning_as_error(&mut self, w: &CompileWarning, filename: &str) -> Raised {
        let made = self.new_str(&w.message).and_then(|message| {
            let text = match &w.text {
                Some(t) => self.new_str(t)?,
                None => self.none(),
            };
            let (file, line) = (self.new_str(filename)?, self.new_int(i64::from(w.line))?);
            let place = self.new_tuple(vec![file, line, self.none(), text])?;
            self.new_exception(Exc::SyntaxError, vec![message, place])
        });
        match made {
            Ok(exc) => self.raise_object(exc),
            Err(e) => e,
        }
    }

    pub(crate) fn raise_compile_error(&mut self, e: &CompileError, filename: &str) -> Raised {
        let kind = match e.kind {
            ErrorKind::Indentation => Exc::IndentationError,
            ErrorKind::Tab => Exc::TabError,
            ErrorKind::Memory => return self.raise(Exc::MemoryError, &e.message),
            ErrorKind::Recursion => return self.raise(Exc::RecursionError, &e.message),
            _ => Exc::SyntaxError,
        };
        match self.syntax_error(kind, e, filename) {
            Ok(exc) => self.raise_object(exc),
            Err(r) => r,
        }
    }

    fn syntax_error(&mut self, kind: Exc, e: &CompileError, filename: &str) -> PyResult {
        let text = match &e.text {
            Some(t) => self.new_str(t)?,
            None => self.none(),
        };
        let place = vec![
            self.new_str(filename)?,
            self.new_int(i64::from(e.line))?,
            self.new_int(i64::from(e.col))?,
            text,
            self.new_int(i64::from(e.end_line))?,
            self.new_int(i64::from(e.end_col))?,
        ];
        let place = self.new_tuple(place)?;
        let message = self.new_str(&e.message)?;
        self.new_exception(kind, vec![message, place])
    }

    /// Makes the code object of a compiled module, with all code inside it.
    pub(crate) fn load_code(&mut self, code: &Rc<Code>) -> PyResult {
        let mut pool = Pool::default();
        self.load(code, &mut pool)
    }

    fn load(&mut self, code: &Rc<Code>, pool: &mut Pool) -> PyResult {
        self.check_native_stack()?;
        debug_assert_eq!(code.verify(), Ok(()));
        let mut consts = Vec::with_capacity(code.consts.len());
        for c in &code.consts {
            consts.push(self.load_const(c, pool)?);
        }
        let filename = self.load_const(&Const::Str(code.filename.as_bytes().into()), pool)?;
        let face = Face {
            name: self.intern(&code.name)?,
            qualname: self.intern(&code.qualname)?,
            filename,
            flags: code.flags,
            nlocals: code.nlocals,
            nregs: code.nregs,
            argcount: code.argcount,
            kwonlyargcount: code.kwonlyargcount,
            first_free: code.freevars.first().copied().unwrap_or(code.nlocals),
        };
        let made = self.new_code_object(face, code.clone(), None)?;
        self.fill_code(made.value().header().cast(), code, consts)?;
        Ok(made)
    }

    pub(crate) fn load_const(&mut self, c: &Const, pool: &mut Pool) -> PyResult {
        let immediate = match c {
            Const::None => Some(NONE),
            Const::Bool(b) => Some(if *b { TRUE } else { FALSE }),
            Const::Ellipsis => Some(ELLIPSIS),
            Const::Int(n) => Value::from_int(*n),
            Const::Float(x) => Value::from_float(*x),
            _ => None,
        };
        if let Some(v) = immediate {
            return Ok(Owned::from_immediate(v));
        }
        if let Const::Code(code) = c {
            return self.load(code, pool);
        }
        let mut key = Vec::new();
        pool_key(c, &mut key);
        if let Some(o) = pool.0.get(&key) {
            return Ok(o.clone());
        }
        let o = match c {
            Const::Int(n) => self.new_int(*n)?,
            Const::Float(x) => self.new_float(*x)?,
            Const::BigInt(text) => {
                let (digits, radix) = match text.strip_prefix("0x") {
                    Some(hex) => (hex, 16),
                    None => (text.as_str(), 10),
                };
                let n = BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default();
                hognose_object::int::new_bigint(&self.heap, &n)?
            }
            Const::Complex(re, im) => hognose_object::float::new_complex(&self.heap, *re, *im)?,
            Const::Str(bytes) => self.load_str(bytes)?,
            Const::Bytes(bytes) => self.new_bytes(bytes)?,
            Const::Tuple(items) => {
                let items: PyResult<Vec<Owned>> = items.iter().map(|i| self.load_const(i, pool)).collect();
                self.new_tuple(items?)?
            }
            Const::FrozenSet(items) => {
                let set = hognose_object::set::new_frozenset(&self.heap)?;
                for i in items {
                    let i = self.load_const(i, pool)?;
                    self.set_add(set.as_ref(), i.as_ref())?;
                }
                set
            }
            _ => self.none(),
        };
        pool.0.insert(key, o.clone());
        Ok(o)
    }

    /// Constants that look like identifiers are interned, as CPython does.
    fn load_str(&mut self, bytes: &[u8]) -> PyResult {
        let identifier = bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if identifier && bytes.len() > 1 { self.intern_bytes(bytes) } else { self.new_str_bytes(bytes) }
    }

    /// Runs a code object with these globals; `locals` is the namespace when it differs.
    pub fn eval_code(&mut self, code: Ref<'_>, globals: Ref<'_>, locals: Option<Ref<'_>>) -> PyResult {
        if !code.is_exact(Layout::Code) {
            return Err(self.type_error("a code object is required"));
        }
        let key = self.names.__builtins__;
        if self.dict_get(globals, key)?.is_none() {
            let builtins = self.builtins.clone();
            self.dict_set(globals, key, builtins.as_ref())?;
        }
        let f = self.new_function(code, globals)?;
        // SAFETY: the layout was checked.
        let nfree = unsafe { crate::types::function::free_count(code.value().header().cast()) };
        if nfree > 0 {
            return Err(self.type_error("code object passed to exec() may not contain free variables"));
        }
        self.run_with_namespace(f.as_ref(), locals.filter(|l| !l.is(globals)))
    }

    /// Compiles and runs source text in a namespace.
    pub fn run_source(&mut self, source: &str, filename: &str, globals: Ref<'_>) -> PyResult {
        let code = self.compile_source(source, filename, Mode::Module)?;
        self.eval_code(code.as_ref(), globals, None)
    }

    /// A class body: runs `func` with `namespace`.
    pub(crate) fn run_class_body(&mut self, func: Ref<'_>, namespace: Ref<'_>) -> PyResult {
        let f = func.value().header().cast::<FunctionObj>();
        // SAFETY: callers pass functions.
        debug_assert!(unsafe { !(*f).code.is_null() });
        self.run_with_namespace(func, Some(namespace))
    }
}
