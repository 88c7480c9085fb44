//! From the compiler's [`Code`] to code objects, and running source text.
#![allow(unsafe_code, reason = "writes fresh code objects")]

use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::{Code, Const, Insn, Op};
use hognose_compiler::{CompileError, CompileWarning, ErrorKind, Mode, Options};
use hognose_object::code::{CodeObj, CodePtr};
use hognose_object::objects::FunctionObj;
use hognose_object::{ELLIPSIS, FALSE, Layout, NONE, Owned, Ref, TRUE, Value, ValueExt};
use num_bigint::BigInt;
use std::collections::HashMap;
use std::rc::Rc;

/// Constants of one compilation unit: equal ones are one object.
#[derive(Default)]
struct Pool(HashMap<Vec<u8>, Owned>);

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
        let mut names = Vec::with_capacity(code.names.len());
        for n in &code.names {
            names.push(self.intern(n)?);
        }
        let mut varnames = Vec::with_capacity(code.varnames.len());
        for n in &code.varnames {
            varnames.push(self.intern(n)?);
        }
        let varnames = self.new_tuple(varnames)?;
        let (name, qualname) = (self.intern(&code.name)?, self.intern(&code.qualname)?);
        let filename = self.load_const(&Const::Str(code.filename.as_bytes().into()), pool)?;
        // SAFETY: a fresh buffer, filled completely; nobody else has it when the object cannot be made.
        let (insns, h) = unsafe {
            let insns = copy_to_heap(self, &code.insns)?;
            fuse(code, insns);
            match self.heap.alloc_traced(Layout::Code.kind(), size_of::<CodeObj>()) {
                Ok(h) => (insns, h),
                Err(e) => {
                    self.heap.free_buffer(insns.cast(), code.insns.len().max(1) * 8);
                    return Err(e.into());
                }
            }
        };
        let o = h.cast::<CodeObj>();
        // SAFETY: a fresh block; fields are written, not assigned. The object is whole before anything can fail,
        // since then it is dropped.
        unsafe {
            (*o).insns = insns;
            (*o).insns_len = code.insns.len() as u32;
            (*o).consts = std::ptr::null_mut();
            (*o).names = std::ptr::null_mut();
            (*o).consts_len = 0;
            (*o).names_len = 0;
            (*o).flags = code.flags.0;
            (*o).nlocals = code.nlocals;
            (*o).nregs = code.nregs;
            (*o).argcount = code.argcount;
            (*o).kwonlyargcount = code.kwonlyargcount;
            (*o).first_free = code.freevars.first().copied().unwrap_or(code.nlocals);
            let star = hognose_bytecode::CodeFlags::VARARGS;
            let kw = hognose_bytecode::CodeFlags::VARKEYWORDS;
            (*o).is_simple = code.kwonlyargcount == 0 && !code.flags.has(star) && !code.flags.has(kw);
            (*o).has_handlers = has_own_handlers(code);
            (*o).name = name.into_value();
            (*o).qualname = qualname.into_value();
            (*o).filename = filename.into_value();
            (*o).varnames = varnames.into_value();
            (&raw mut (*o).data).write(code.clone());
            let made = Owned::from_value(Value::from_ptr(h));
            (*o).consts = move_to_heap(self, consts)?;
            (*o).consts_len = code.consts.len() as u32;
            (*o).names = move_to_heap(self, names)?;
            (*o).names_len = code.names.len() as u32;
            Ok(made)
        }
    }

    fn load_const(&mut self, c: &Const, pool: &mut Pool) -> PyResult {
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
        let key = format!("{c:?}").into_bytes();
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
        let nfree = unsafe { code.value().header().cast::<CodeObj>().table().freevars.len() };
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

/// Does an unfinished generator of this code have anything to do when it is closed? The compiler protects every
/// generator body by a handler that only converts StopIteration; that one does not count.
fn has_own_handlers(code: &Code) -> bool {
    code.handlers.iter().any(|h| {
        let target = code.insns[h.target as usize];
        let converts = target.op == Op::Intrinsic1 as u16
            && target.c == hognose_bytecode::Intrinsic1::StopIterationError as u16;
        !converts
    })
}

/// Rewrites pairs of instructions that are frequent together: the first becomes one that does the work of both where it
/// can, and its own where it cannot. Operands and places of instructions stay as they are.
unsafe fn fuse(code: &Code, insns: *mut Insn) {
    for pc in code.starts() {
        let insn = code.insns[pc];
        let Some(op) = Op::from_u16(insn.op) else { continue };
        let Some(next) = code.insns.get(pc + 1 + op.info().caches) else { continue };
        let Some(after) = Op::from_u16(next.op) else { continue };
        let fused = match (op, after) {
            (Op::LoadGlobal, Op::ClearTemp) if next.a == insn.a + 1 => Op::LoadGlobalCall,
            (Op::BuildSlice, Op::GetItem | Op::GetItemL) if next.c == insn.a => Op::GetSlice,
            (Op::Copy, Op::UnpackRev) if next.b == insn.a => Op::CopyUnpack,
            (Op::LoadInt, Op::SetItem) if next.c == insn.a => Op::SetItemInt,
            (Op::LoadSpecialValue, Op::SetItem) if next.c == insn.a => Op::SetItemSpecial,
            _ => continue,
        };
        // SAFETY: the buffer has as many words as the code.
        unsafe { (*insns.add(pc)).op = fused as u16 };
    }
}

unsafe fn copy_to_heap(vm: &Vm, insns: &[Insn]) -> PyResult<*mut Insn> {
    let p = vm.heap.alloc_buffer(insns.len().max(1) * 8)?.cast::<Insn>();
    // SAFETY: a fresh buffer of that size.
    unsafe { std::ptr::copy_nonoverlapping(insns.as_ptr(), p, insns.len()) };
    Ok(p)
}

unsafe fn move_to_heap(vm: &Vm, items: Vec<Owned>) -> PyResult<*mut Value> {
    if items.is_empty() {
        return Ok(std::ptr::dangling_mut());
    }
    let p = vm.heap.alloc_buffer(items.len() * 8)?.cast::<Value>();
    for (i, item) in items.into_iter().enumerate() {
        // SAFETY: a fresh buffer of that size.
        unsafe { p.add(i).write(item.into_value()) };
    }
    Ok(p)
}
