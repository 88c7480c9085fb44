//! Code objects in two steps: a face, which is all that a function needs to exist, and a body, which it needs to run.
//!
//!   packed code ──► code object with a face ──first call, or first look inside──► whole code object
//!
//! Code compiled from source gets both at once. Code that was compiled ahead gets its body when it is first called: most
//! functions of an imported module never are.
//! Invariant: a code object without a body has no instructions, `is_simple` is false and `origin` says where the body is;
//! whoever binds arguments the long way calls [`Vm::load_body`] first, so no frame runs without instructions.
#![allow(unsafe_code, reason = "writes fresh code objects")]

use crate::exceptions::Exc;
use crate::loader::Pool;
use crate::{PyResult, Vm};
use hognose_bytecode::{Code, CodeFlags, Insn, Item, Op, Packed};
use hognose_object::code::CodeObj;
use hognose_object::{Layout, Owned, Ref, Value};
use std::rc::Rc;

/// What a code object has without a body.
pub(crate) struct Face {
    pub name: Owned,
    pub qualname: Owned,
    pub filename: Owned,
    pub flags: CodeFlags,
    pub nlocals: u16,
    pub nregs: u16,
    pub argcount: u16,
    pub kwonlyargcount: u16,
    pub first_free: u16,
}

impl Vm {
    /// A code object without a body.
    pub(crate) fn new_code_object(&mut self, face: Face, data: Rc<Code>, origin: Option<Packed>) -> PyResult {
        let h = self.heap.alloc_traced(Layout::Code.kind(), size_of::<CodeObj>())?;
        let o = h.cast::<CodeObj>();
        // SAFETY: a fresh block; all fields are written, not assigned.
        unsafe {
            (*o).insns = std::ptr::null_mut();
            (*o).insns_len = 0;
            (*o).consts = std::ptr::null_mut();
            (*o).names = std::ptr::null_mut();
            (*o).consts_len = 0;
            (*o).names_len = 0;
            (*o).flags = face.flags.0;
            (*o).nlocals = face.nlocals;
            (*o).nregs = face.nregs;
            (*o).argcount = face.argcount;
            (*o).kwonlyargcount = face.kwonlyargcount;
            (*o).first_free = face.first_free;
            (*o).is_simple = false;
            (*o).has_handlers = false;
            (*o).name = face.name.into_value();
            (*o).qualname = face.qualname.into_value();
            (*o).filename = face.filename.into_value();
            (*o).varnames = Value::NULL;
            (&raw mut (*o).data).write(data);
            (&raw mut (*o).origin).write(origin);
            Ok(Owned::from_value(Value::from_ptr(h)))
        }
    }

    /// The code object of code that was compiled ahead; its body stays where it is.
    pub(crate) fn load_packed(&mut self, packed: Packed) -> PyResult {
        let Some(head) = packed.head() else { return Err(self.damaged_library()) };
        let face = Face {
            name: self.intern_bytes(head.name)?,
            qualname: self.intern_bytes(head.qualname)?,
            filename: self.intern(packed.filename())?,
            flags: head.flags(),
            nlocals: head.nlocals(),
            nregs: head.nregs(),
            argcount: head.argcount(),
            kwonlyargcount: head.kwonlyargcount(),
            first_free: head.nlocals().saturating_sub(head.free),
        };
        let blank = packed.blank().clone();
        self.new_code_object(face, blank, Some(packed))
    }

    #[cold]
    fn damaged_library(&mut self) -> crate::Raised {
        self.raise(Exc::SystemError, "the code of the library is damaged")
    }

    /// Reads the body of a code object that has none yet.
    #[inline]
    pub(crate) fn load_body(&mut self, o: *mut CodeObj) -> PyResult<()> {
        // SAFETY: callers hold the code object.
        if unsafe { (*o).insns.is_null() } { self.read_body(o) } else { Ok(()) }
    }

    #[cold]
    fn read_body(&mut self, o: *mut CodeObj) -> PyResult<()> {
        // SAFETY: the code object is alive.
        let Some(packed) = (unsafe { (*o).origin.clone() }) else { return Ok(()) };
        let Some((mut code, items)) = packed.body() else { return Err(self.damaged_library()) };
        let mut pool = Pool::default();
        let mut consts = Vec::with_capacity(items.len());
        for item in items {
            consts.push(match item {
                Item::Const(c) => self.load_const(&c, &mut pool)?,
                Item::Code(packed) => self.load_packed(packed)?,
            });
        }
        self.fill_code(o, &code, consts)?;
        // What the object itself has is not kept a second time.
        (code.names, code.insns) = (Vec::new(), Vec::new());
        // SAFETY: the code object is alive; nobody keeps a reference into a blank table.
        unsafe { (*o).data = Rc::new(code) };
        Ok(())
    }

    /// Gives a code object its body.
    pub(crate) fn fill_code(&mut self, o: *mut CodeObj, code: &Code, consts: Vec<Owned>) -> PyResult<()> {
        let mut names = Vec::with_capacity(code.names.len());
        for n in &code.names {
            names.push(self.intern(n)?);
        }
        let mut varnames = Vec::with_capacity(code.varnames.len());
        for n in &code.varnames {
            varnames.push(self.intern(n)?);
        }
        let varnames = self.new_tuple(varnames)?;
        // SAFETY: the object is alive and has no body; each part is complete when the next may fail, and the object
        // frees the parts it has. The instructions come last: they say that the body is there.
        unsafe {
            (*o).consts_len = consts.len() as u32;
            (*o).consts = move_to_heap(self, consts).inspect_err(|_| (*o).consts_len = 0)?;
            (*o).names_len = names.len() as u32;
            (*o).names = move_to_heap(self, names).inspect_err(|_| (*o).names_len = 0)?;
            (*o).varnames = varnames.into_value();
            let insns = copy_to_heap(self, &code.insns)?;
            fuse(code, insns);
            (*o).insns = insns;
            (*o).insns_len = code.insns.len() as u32;
            let unusual = code.flags.has(CodeFlags::VARARGS) || code.flags.has(CodeFlags::VARKEYWORDS);
            (*o).is_simple = code.kwonlyargcount == 0 && !unusual;
            (*o).has_handlers = has_own_handlers(code);
        }
        Ok(())
    }

    /// The docstring of a function's code.
    pub(crate) fn code_doc(&mut self, code: Ref<'_>) -> PyResult {
        let o = code.value().header().cast::<CodeObj>();
        // SAFETY: callers pass code objects; a code object owns its constants.
        unsafe {
            if (*o).flags & CodeFlags::HAS_DOCSTRING == 0 {
                return Ok(self.none());
            }
            if (*o).consts_len > 0 {
                return Ok(Ref::from_value(*(*o).consts).owned());
            }
            match (*o).origin.as_ref().and_then(Packed::head).and_then(|head| head.doc) {
                Some(doc) => self.new_str_bytes(doc),
                None => Ok(self.none()),
            }
        }
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
