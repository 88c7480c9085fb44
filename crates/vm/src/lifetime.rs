//! Beginning and end of a program: `__main__`, uncaught exceptions, finalization in CPython's order.
#![allow(unsafe_code, reason = "ends frames and drops payloads at the end of the machine")]

use crate::{PyResult, Vm};
use hognose_object::code::CodeObj;
use hognose_object::dict::DictRef;
use hognose_object::native::NativeHeader;
use hognose_object::{Layout, Owned, Ref, Value, ValueExt, none};

impl Vm {
    /// Makes the module `__main__` and fills `sys.path`; gives the module's namespace.
    pub fn make_main(&mut self, path: &[String]) -> PyResult {
        let main = self.new_module("__main__")?;
        let dict = self.module_dict(main.as_ref()).unwrap_or_else(none);
        let builtins = self.dict_get_name(self.modules.clone().as_ref(), "builtins")?.unwrap_or_else(none);
        self.dict_set_name(dict.as_ref(), "__builtins__", builtins)?;
        let modules = self.modules.clone();
        self.dict_set_name(modules.as_ref(), "__main__", main)?;
        self.config.path0 = path.first().cloned();
        let sys = self.sys.clone();
        if let Some(list) = self.dict_get_name(sys.as_ref(), "path")? {
            for p in path {
                let p = self.new_str(p)?;
                self.call_method(list.as_ref(), "append", &[p.as_ref()])?;
            }
        }
        Ok(dict)
    }

    /// Puts the program's own directory before all others of `sys.path`.
    pub fn lead_path(&mut self, directory: &str) -> PyResult<()> {
        self.config.path0 = Some(directory.to_owned());
        let sys = self.sys.clone();
        if let Some(list) = self.dict_get_name(sys.as_ref(), "path")? {
            let (start, directory) = (self.new_int(0)?, self.new_str(directory)?);
            self.call_method(list.as_ref(), "insert", &[start.as_ref(), directory.as_ref()])?;
        }
        Ok(())
    }

    /// Text of an exception that nobody caught, through `sys.excepthook` when the program has set its own (then empty).
    pub fn render_uncaught(&mut self, exc: Ref<'_>) -> Vec<u8> {
        let sys = self.sys.clone();
        if let Ok(Some(hook)) = self.dict_get_name(sys.as_ref(), "excepthook")
            && !hook.as_ref().has_layout(Layout::NativeFunction)
        {
            let class = self.class_of(exc).owned();
            let tb = self.names.__traceback__;
            let tb = self.get_attr_opt(exc, tb).ok().flatten().unwrap_or_else(none);
            match self.call(hook.as_ref(), &[class.as_ref(), exc, tb.as_ref()]) {
                Ok(_) => return Vec::new(),
                Err(e) => {
                    let second = self.catch(e);
                    let mut out = b"Error in sys.excepthook:\n".to_vec();
                    out.extend(crate::traceback::format_exception(self, second.as_ref()));
                    out.extend(b"\nOriginal exception was:\n");
                    out.extend(crate::traceback::format_exception(self, exc));
                    return out;
                }
            }
        }
        crate::traceback::format_exception(self, exc)
    }

    /// Ends the program: `atexit` functions, module namespaces, remaining cycles; then flushes output.
    pub fn finalize(&mut self) {
        if self.finalizing {
            return;
        }
        self.wait_for_threads();
        self.run_exit_functions();
        self.finalizing = true;
        self.context = Owned::null();
        // Cycles that no module reaches go first.
        self.collect_quietly();
        self.import_system = Owned::null();
        self.import_starting = true;
        self.forget_modules();
        // Most programs are garbage now: their objects are finalized in the order in which they were made.
        self.collect_quietly();
        // A module that somebody still holds is emptied: names with one underscore first, then the others.
        let mut modules = Vec::new();
        self.heap.for_each_object(&mut |v| {
            if v.has_layout(Layout::Module) {
                // SAFETY: the walk shows live objects.
                modules.push(unsafe { Ref::from_value(v) }.owned());
            }
        });
        for m in modules {
            let Some(dict) = self.module_dict(m.as_ref()) else { continue };
            if dict.value() != self.sys.value() && dict.value() != self.builtins.value() {
                self.clear_namespace(dict.as_ref());
            }
        }
        self.collect_quietly();
        let _ = self.stdout().flush();
    }

    /// Threads that are not daemons end first, when the program knows of any.
    fn wait_for_threads(&mut self) {
        let modules = self.modules.clone();
        let Ok(Some(threading)) = self.dict_get_name(modules.as_ref(), "threading") else { return };
        if let Err(e) = self.call_method(threading.as_ref(), "_shutdown", &[]) {
            self.write_unraisable_in(e, "Exception ignored on threading shutdown ", Some(threading.as_ref()));
        }
    }

    /// Empties `sys.modules` but for `sys` and `builtins`.
    fn forget_modules(&mut self) {
        let modules = self.modules.clone();
        let Some(d) = DictRef::new(modules.as_ref()) else { return };
        let kept = |n: Ref<'_>| matches!(crate::text::str_bytes(n), b"sys" | b"builtins");
        let keep: Vec<(Owned, Owned)> = d.to_vec().into_iter().filter(|(n, _)| kept(n.as_ref())).collect();
        d.clear(&mut self.heap);
        for (k, v) in keep {
            if d.set_str(&mut self.heap, k.as_ref(), v).is_err() {
                break;
            }
        }
        self.finish_deaths();
    }

    fn collect_quietly(&mut self) {
        if let Err(e) = self.collect_garbage(2) {
            self.discard(e);
        }
    }

    fn clear_namespace(&mut self, dict: Ref<'_>) {
        let Some(d) = DictRef::new(dict) else { return };
        for private in [true, false] {
            for (k, _) in d.to_vec() {
                let name = crate::text::str_bytes(k.as_ref());
                let is_private = name.starts_with(b"_") && !name.starts_with(b"__");
                if private && !is_private || name == b"__builtins__" {
                    continue;
                }
                if let Ok(Some(v)) = self.dict_get(dict, k.as_ref())
                    && !v.as_ref().is_none()
                {
                    drop(v);
                    let none = none();
                    if let Err(e) = self.dict_set(dict, k.as_ref(), none.as_ref()) {
                        self.discard(e);
                    }
                    self.finish_deaths();
                }
            }
        }
    }

    /// Functions registered with `atexit`, the last first.
    fn run_exit_functions(&mut self) {
        let modules = self.modules.clone();
        let Ok(Some(atexit)) = self.dict_get_name(modules.as_ref(), "atexit") else { return };
        if let Err(e) = self.call_method(atexit.as_ref(), "_run_exitfuncs", &[]) {
            self.write_unraisable_in(e, "Exception ignored in atexit callback", None);
        }
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        // Handles among the machine's own fields must not outlive the heap. Modules may keep some, too: those of a
        // program that was not finalized (`atexit`).
        self.module_state.clear();
        let mut handles = vec![
            std::mem::replace(&mut self.modules, Owned::null()),
            std::mem::replace(&mut self.builtins, Owned::null()),
            std::mem::replace(&mut self.sys, Owned::null()),
            std::mem::replace(&mut self.import_system, Owned::null()),
            std::mem::replace(&mut self.context, Owned::null()),
        ];
        handles.extend(self.gc.callbacks.take());
        handles.extend(self.gc.garbage.take());
        handles.into_iter().for_each(std::mem::forget);
        // The heap returns its bytes without looking at objects; what objects own outside of it is dropped here.
        let mut outside: Vec<Value> = Vec::new();
        self.heap.for_each_object(&mut |v| {
            if v.has_layout(Layout::Code) || v.has_layout(Layout::Native) {
                outside.push(v);
            }
        });
        for v in &outside {
            // SAFETY: found alive; a reference more keeps each from being freed while others are dropped.
            unsafe { (*v.header()).set_rc(hognose_heap::IMMORTAL | 1 << 30) };
        }
        for v in outside {
            // SAFETY: alive, and not used afterwards: the heap goes next.
            unsafe {
                if v.has_layout(Layout::Code) {
                    CodeObj::drop_tables(v.header().cast());
                } else {
                    NativeHeader::drop_payload(v.header());
                }
            }
        }
    }
}
