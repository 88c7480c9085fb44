//! `sys.monitoring`: tools are registered by number and name. Events are not delivered: asking for them raises
//! NotImplementedError, so that a tool that depends on them says so instead of seeing nothing.

use hognose_vm::{Args, Exc, NativeDef, Owned, PyResult, ValueExt, Vm, namespace, none};

/// Tools there can be.
const TOOLS: usize = 6;

const NUMBERS: &[(&str, i64)] =
    &[("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)];

const EVENTS: &[(&str, i64)] = &[
    ("NO_EVENTS", 0),
    ("PY_START", 1),
    ("PY_RESUME", 2),
    ("PY_RETURN", 4),
    ("PY_YIELD", 8),
    ("CALL", 16),
    ("LINE", 32),
    ("INSTRUCTION", 64),
    ("JUMP", 128),
    ("BRANCH_LEFT", 256),
    ("BRANCH_RIGHT", 512),
    ("STOP_ITERATION", 1024),
    ("RAISE", 2048),
    ("EXCEPTION_HANDLED", 4096),
    ("PY_UNWIND", 8192),
    ("PY_THROW", 16384),
    ("RERAISE", 32768),
    ("C_RETURN", 65536),
    ("C_RAISE", 131_072),
    ("BRANCH", 262_144),
];

const FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("use_tool_id", "tool_id, name, /", use_tool_id),
    NativeDef::function("free_tool_id", "tool_id, /", free_tool_id),
    NativeDef::function("clear_tool_id", "tool_id, /", |vm, a| tool_id(vm, a).map(|_| none())),
    NativeDef::function("get_tool", "tool_id, /", get_tool),
    NativeDef::function("get_events", "tool_id, /", no_events),
    NativeDef::function("get_local_events", "tool_id, code, /", no_events),
    NativeDef::function("set_events", "tool_id, event_set, /", |vm, a| refuse_events(vm, a, 1)),
    NativeDef::function("set_local_events", "tool_id, code, event_set, /", |vm, a| refuse_events(vm, a, 2)),
    NativeDef::function("register_callback", "tool_id, event, func, /", register_callback),
    NativeDef::function("restart_events", "", |_, _| Ok(none())),
];

/// Names of the tools in use. Holds no objects.
#[derive(Default)]
struct Tools([Option<String>; TOOLS]);

/// Makes the module.
pub(super) fn make(vm: &mut Vm) -> PyResult {
    let module = vm.new_module("sys.monitoring")?;
    vm.add_functions(module.as_ref(), FUNCTIONS)?;
    for (name, n) in NUMBERS {
        let n = vm.new_int(*n)?;
        vm.module_set(module.as_ref(), name, n)?;
    }
    for name in ["DISABLE", "MISSING"] {
        let object = vm.types().object.owned();
        let marker = vm.call(object.as_ref(), &[])?;
        vm.module_set(module.as_ref(), name, marker)?;
    }
    let events = EVENTS.iter().map(|(k, n)| Ok((*k, vm.new_int(*n)?))).collect::<PyResult<Vec<_>>>()?;
    let class = vm.types().namespace;
    let events = namespace::make(vm, class, events)?;
    vm.module_set(module.as_ref(), "events", events)?;
    Ok(module)
}

fn tool_id(vm: &mut Vm, args: &Args<'_>) -> PyResult<usize> {
    let id = vm.index_i32(args.get(0))?;
    match usize::try_from(id) {
        Ok(i) if i < TOOLS => Ok(i),
        _ => Err(vm.value_error(&format!("invalid tool {id} (must be between 0 and 5)"))),
    }
}

fn use_tool_id(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let id = tool_id(vm, args)?;
    let name = vm.expect_str(args.get(1), "tool name")?.into_owned();
    if vm.state::<Tools>().0[id].is_some() {
        return Err(vm.value_error(&format!("tool {id} is already in use")));
    }
    vm.state::<Tools>().0[id] = Some(name);
    Ok(none())
}

fn free_tool_id(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let id = tool_id(vm, args)?;
    vm.state::<Tools>().0[id] = None;
    Ok(none())
}

fn get_tool(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let id = tool_id(vm, args)?;
    match vm.state::<Tools>().0[id].clone() {
        Some(name) => vm.new_str(&name),
        None => Ok(none()),
    }
}

fn used_tool(vm: &mut Vm, args: &Args<'_>) -> PyResult<usize> {
    let id = tool_id(vm, args)?;
    match &vm.state::<Tools>().0[id] {
        Some(_) => Ok(id),
        None => Err(vm.value_error(&format!("tool {id} is not in use"))),
    }
}

fn no_events(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    tool_id(vm, args)?;
    vm.new_int(0)
}

fn refuse_events(vm: &mut Vm, args: &Args<'_>, at: usize) -> PyResult {
    used_tool(vm, args)?;
    match vm.index_i32(args.get(at))? {
        0 => Ok(none()),
        _ => Err(not_delivered(vm)),
    }
}

fn register_callback(vm: &mut Vm, args: &Args<'_>) -> PyResult<Owned> {
    tool_id(vm, args)?;
    if args.get(2).is_none() { Ok(none()) } else { Err(not_delivered(vm)) }
}

fn not_delivered(vm: &mut Vm) -> hognose_vm::Raised {
    vm.raise(Exc::NotImplementedError, "monitoring events are not delivered")
}
