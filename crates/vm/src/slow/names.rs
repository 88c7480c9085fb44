//! Names: globals with their caches, namespaces of class bodies, cells.
#![allow(unsafe_code, reason = "frames, cells and caches are reached by address")]

use crate::exceptions::Exc;
use crate::frame::{Frame, frame_flags};
use crate::run::cache_word;
use crate::{PyResult, Raised, Vm};
use hognose_bytecode::Insn;
use hognose_object::code::CodePtr;
use hognose_object::dict::{APPENDED, DictObj, DictRef};
use hognose_object::objects::CellObj;
use hognose_object::str::StrRef;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt};

/// Name `i` of the frame's code.
pub(crate) unsafe fn name_at<'a>(fp: *mut Frame, i: usize) -> Ref<'a> {
    // SAFETY: `verify` checked the index; the code object owns its names.
    unsafe { Ref::from_value(*(*(*fp).code).names.add(i)) }
}

unsafe fn globals<'a>(fp: *mut Frame) -> DictRef<'a> {
    // SAFETY: the frame's function keeps its globals alive; functions are made with dicts only.
    unsafe {
        DictRef::new(Ref::from_value(Value::from_ptr((*fp).globals.cast()))).expect("globals are a dict")
    }
}

fn find(dict: DictRef<'_>, name: Ref<'_>) -> Option<usize> {
    let hash = StrRef::new(name)?.cached_hash();
    dict.find(hash, name, |_| Ok::<bool, ()>(false)).unwrap_or(None)
}

#[cold]
pub(crate) unsafe fn unbound_local(vm: &mut Vm, fp: *mut Frame, name: i32) -> Raised {
    // SAFETY: the frame is live.
    let name = unsafe { name_at(fp, name as usize) };
    let n = vm.text_of(name);
    vm.name_error(
        Exc::UnboundLocalError,
        &format!("cannot access local variable '{n}' where it is not associated with a value"),
        name,
    )
}

#[inline(never)]
pub(crate) unsafe fn new_cell(vm: &mut Vm, content: Value) -> PyResult<Value> {
    let h = vm.heap.alloc_traced(Layout::Cell.kind(), size_of::<CellObj>())?;
    // SAFETY: a fresh block; the content moves in.
    unsafe { (*h.cast::<CellObj>()).content = content };
    Ok(Value::from_ptr(h))
}

#[cold]
pub(crate) unsafe fn unbound_cell(vm: &mut Vm, fp: *mut Frame, insn: Insn) -> Raised {
    // SAFETY: the frame is live.
    let (name, free) =
        unsafe { (name_at(fp, usize::from(insn.c)), (*fp).code.table().freevars.contains(&insn.b)) };
    let n = vm.text_of(name);
    if free {
        let message = format!(
            "cannot access free variable '{n}' where it is not associated with a value in enclosing scope"
        );
        return vm.name_error(Exc::NameError, &message, name);
    }
    let message = format!("cannot access local variable '{n}' where it is not associated with a value");
    vm.name_error(Exc::UnboundLocalError, &message, name)
}

impl Vm {
    /// A version number for a dict that caches may remember.
    unsafe fn dict_version(&mut self, d: *mut DictObj) -> u32 {
        // SAFETY: the caller's dict is alive.
        unsafe {
            if (*d).version & APPENDED != 0 {
                // A key that may soon go again: caches wait, but not for ever.
                self.version_waits = self.version_waits.wrapping_add(1);
                if !self.version_waits.is_multiple_of(64) {
                    return 0;
                }
                (*d).version = 0;
            }
            if (*d).version == 0 {
                (*d).version = self.next_version;
                self.next_version = (self.next_version + 1) & !APPENDED;
                self.next_version = self.next_version.max(1);
            }
            (*d).version
        }
    }
}

#[cold]
fn undefined(vm: &mut Vm, name: Ref<'_>) -> Raised {
    let n = vm.text_of(name);
    vm.name_error(Exc::NameError, &format!("name '{n}' is not defined"), name)
}

#[inline(never)]
pub(crate) unsafe fn load_global(
    vm: &mut Vm,
    fp: *mut Frame,
    name: i32,
    cache: *mut Insn,
) -> PyResult<Value> {
    // SAFETY: the frame is live; entries found are in use.
    unsafe {
        let name = name_at(fp, name as usize);
        let g = globals(fp);
        let gobj = g.obj();
        if let Some(i) = find(g, name) {
            let version = vm.dict_version(gobj);
            if version == 0 {
                let v = (*(*gobj).entries.add(i)).value;
                v.incref();
                return Ok(v);
            }
            // A second word of zero says "in the globals".
            cache.write(cache_word(version, i as u32));
            cache.add(1).write(cache_word(0, 0));
            let v = (*(*gobj).entries.add(i)).value;
            v.incref();
            return Ok(v);
        }
        if let Some(own) = own_builtins(vm, g)? {
            // No cache: nothing would tell it that `__builtins__` changed.
            return match mapping_get(vm, own.as_ref(), name)? {
                Some(v) => Ok(v.into_value()),
                None => Err(undefined(vm, name)),
            };
        }
        let builtins = vm.builtins.as_ref().owned();
        let b = DictRef::new(builtins.as_ref()).expect("builtins are a dict");
        if let Some(i) = find(b, name) {
            let version = vm.dict_version(gobj);
            let bversion = vm.dict_version(b.obj());
            if version != 0 && bversion != 0 {
                cache.write(cache_word(version, 0));
                cache.add(1).write(cache_word(bversion, i as u32));
            }
            let v = (*(*b.obj()).entries.add(i)).value;
            v.incref();
            return Ok(v);
        }
        Err(undefined(vm, name))
    }
}

#[inline(never)]
pub(crate) unsafe fn store_global(
    vm: &mut Vm,
    fp: *mut Frame,
    name: i32,
    v: Value,
    cache: *mut Insn,
) -> PyResult<()> {
    // SAFETY: the frame is live; `v` is owned and moves into the dict.
    unsafe {
        let name = name_at(fp, name as usize);
        let g = globals(fp);
        let value = Owned::from_value(v);
        g.set_str(&mut vm.heap, name, value)?;
        if let Some(i) = find(g, name) {
            let version = vm.dict_version(g.obj());
            if version != 0 {
                cache.write(cache_word(version, i as u32));
            }
        }
        if vm.heap.has_pending() {
            vm.finish_deaths();
        }
        Ok(())
    }
}

#[inline(never)]
pub(crate) unsafe fn del_global(vm: &mut Vm, fp: *mut Frame, name: i32) -> PyResult<()> {
    // SAFETY: the frame is live.
    let (name, g) = unsafe { (name_at(fp, name as usize), globals(fp)) };
    match g.del_str(&mut vm.heap, name) {
        Some(old) => {
            drop(old);
            vm.finish_deaths();
            Ok(())
        }
        None => Err(undefined(vm, name)),
    }
}

unsafe fn namespace<'a>(fp: *mut Frame) -> Ref<'a> {
    // SAFETY: the flag says whether the frame has a namespace of its own; else its globals serve.
    unsafe {
        if (*fp).flags & frame_flags::NAMESPACE != 0 {
            Ref::from_value((*fp).namespace)
        } else {
            Ref::from_value(Value::from_ptr((*fp).globals.cast()))
        }
    }
}

/// A mapping's item by name; absence is no error.
fn mapping_get(vm: &mut Vm, ns: Ref<'_>, name: Ref<'_>) -> PyResult<Option<Owned>> {
    if ns.is_exact(Layout::Dict) {
        return Ok(DictRef::new(ns).and_then(|d| d.get_str(name)));
    }
    match vm.get_item(ns, name) {
        Ok(v) => Ok(Some(v)),
        Err(e) if vm.raised_is(&e, Exc::KeyError) => {
            vm.discard(e);
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// The built-in names these globals bring along as `__builtins__` (a module or a mapping), unless they are the
/// machine's own.
pub(crate) fn own_builtins(vm: &mut Vm, globals: DictRef<'_>) -> PyResult<Option<Owned>> {
    let key = vm.names.__builtins__;
    let Some(found) = globals.get_str(key) else { return Ok(None) };
    let mapping = if found.as_ref().has_layout(Layout::Module) {
        match vm.module_dict(found.as_ref()) {
            Some(dict) => dict,
            None => return Ok(None),
        }
    } else {
        found
    };
    Ok((mapping.value() != vm.builtins.value()).then_some(mapping))
}

unsafe fn global_or_builtin(vm: &mut Vm, fp: *mut Frame, name: Ref<'_>) -> PyResult<Value> {
    // SAFETY: the frame is live.
    let g = unsafe { globals(fp) };
    if let Some(v) = g.get_str(name) {
        return Ok(v.into_value());
    }
    if let Some(own) = own_builtins(vm, g)? {
        return match mapping_get(vm, own.as_ref(), name)? {
            Some(v) => Ok(v.into_value()),
            None => Err(undefined(vm, name)),
        };
    }
    if let Some(v) = DictRef::new(vm.builtins.as_ref()).and_then(|d| d.get_str(name)) {
        return Ok(v.into_value());
    }
    Err(undefined(vm, name))
}

#[inline(never)]
pub(crate) unsafe fn load_name(vm: &mut Vm, fp: *mut Frame, name: i32) -> PyResult<Value> {
    // SAFETY: the frame is live.
    unsafe {
        let name = name_at(fp, name as usize);
        match mapping_get(vm, namespace(fp), name)? {
            Some(v) => Ok(v.into_value()),
            None => global_or_builtin(vm, fp, name),
        }
    }
}

#[inline(never)]
pub(crate) unsafe fn store_name(vm: &mut Vm, fp: *mut Frame, name: i32, v: Ref<'_>) -> PyResult<()> {
    // SAFETY: the frame is live.
    let (name, ns) = unsafe { (name_at(fp, name as usize), namespace(fp)) };
    if ns.is_exact(Layout::Dict) { vm.dict_set(ns, name, v) } else { vm.set_item(ns, name, Some(v)) }
}

#[inline(never)]
pub(crate) unsafe fn del_name(vm: &mut Vm, fp: *mut Frame, name: i32) -> PyResult<()> {
    // SAFETY: the frame is live.
    let (name, ns) = unsafe { (name_at(fp, name as usize), namespace(fp)) };
    if ns.is_exact(Layout::Dict) {
        return match vm.dict_del(ns, name)? {
            Some(old) => {
                drop(old);
                vm.finish_deaths();
                Ok(())
            }
            None => Err(undefined(vm, name)),
        };
    }
    match vm.set_item(ns, name, None) {
        Err(e) if vm.raised_is(&e, Exc::KeyError) => {
            vm.discard(e);
            Err(undefined(vm, name))
        }
        r => r,
    }
}

#[inline(never)]
pub(crate) unsafe fn load_from_dict_or_globals(
    vm: &mut Vm,
    fp: *mut Frame,
    mapping: Ref<'_>,
    name: u16,
) -> PyResult<Value> {
    // SAFETY: the frame is live.
    unsafe {
        let name = name_at(fp, usize::from(name));
        match mapping_get(vm, mapping, name)? {
            Some(v) => Ok(v.into_value()),
            None => global_or_builtin(vm, fp, name),
        }
    }
}

unsafe fn cell_content(vm: &mut Vm, fp: *mut Frame, insn: Insn) -> PyResult<Value> {
    // SAFETY: register b of the frame holds a cell.
    unsafe {
        let cell = (*(*fp).base.add(usize::from(insn.b))).header().cast::<CellObj>();
        let v = (*cell).content;
        if v.is_null() {
            return Err(unbound_cell(vm, fp, insn));
        }
        v.incref();
        Ok(v)
    }
}

#[inline(never)]
pub(crate) unsafe fn load_from_dict_or_deref(
    vm: &mut Vm,
    fp: *mut Frame,
    mapping: Ref<'_>,
    insn: Insn,
) -> PyResult<Value> {
    // SAFETY: the frame is live.
    unsafe {
        let name = name_at(fp, usize::from(insn.c));
        match mapping_get(vm, mapping, name)? {
            Some(v) => Ok(v.into_value()),
            None => cell_content(vm, fp, insn),
        }
    }
}

#[inline(never)]
pub(crate) unsafe fn load_class_deref(vm: &mut Vm, fp: *mut Frame, insn: Insn) -> PyResult<Value> {
    // SAFETY: the frame is live.
    unsafe {
        let name = name_at(fp, usize::from(insn.c));
        match mapping_get(vm, namespace(fp), name)? {
            Some(v) => Ok(v.into_value()),
            None => cell_content(vm, fp, insn),
        }
    }
}

pub(crate) fn load_build_class(vm: &mut Vm) -> PyResult<Value> {
    let name = vm.names.__build_class__;
    let own = match vm.frame_at(0) {
        // SAFETY: the topmost frame is live.
        Some(fp) => own_builtins(vm, unsafe { globals(fp) })?,
        None => None,
    };
    let found = match own {
        Some(own) => mapping_get(vm, own.as_ref(), name)?,
        None => DictRef::new(vm.builtins.as_ref()).and_then(|d| d.get_str(name)),
    };
    match found {
        Some(v) => Ok(v.into_value()),
        None => Err(vm.raise(Exc::NameError, "__build_class__ not found")),
    }
}

pub(crate) fn common_constant(vm: &mut Vm, which: u16) -> PyResult<Value> {
    let v = match which {
        0 => vm.exc_class(Exc::AssertionError).owned(),
        1 => vm.exc_class(Exc::NotImplementedError).owned(),
        2 => vm.types.tuple.owned(),
        3 => builtin(vm, "all")?,
        _ => builtin(vm, "any")?,
    };
    Ok(v.into_value())
}

fn builtin(vm: &mut Vm, name: &str) -> PyResult {
    let builtins = vm.builtins.as_ref().owned();
    match vm.dict_get_name(builtins.as_ref(), name)? {
        Some(v) => Ok(v),
        None => Err(vm.raise(Exc::NameError, &format!("name '{name}' is not defined"))),
    }
}

pub(crate) unsafe fn setup_annotations(vm: &mut Vm, fp: *mut Frame) -> PyResult<()> {
    // SAFETY: the frame is live.
    let ns = unsafe { namespace(fp) };
    let name = vm.names.__annotations__;
    if mapping_get(vm, ns, name)?.is_none() {
        let dict = vm.new_dict()?;
        vm.set_item(ns, name, Some(dict.as_ref()))?;
    }
    Ok(())
}
