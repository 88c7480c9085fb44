//! The opcode table: every instruction of the register machine, defined once.
//!
//! A row is `Name "operands" caches "documentation"`. The three operands are named by one letter each:
//!
//! | letter | meaning |
//! |---|---|
//! | `W` | temporary written (it held nothing before) |
//! | `L` | local written (its old value is released *after* the operation) |
//! | `R` | register read: a local is borrowed, **a temporary is consumed** (moved or released) |
//! | `K` | register read and kept, even when it is a temporary |
//! | `B` | base of a run of consecutive temporaries, consumed |
//! | `N` | index into `Code::names` |
//! | `C` | index into `Code::consts` |
//! | `I` | signed 16-bit immediate · `U` unsigned immediate |
//! | `J` | signed 16-bit jump, relative to the next word after this instruction and its caches |
//! | `X` | with the letter after it: one 32-bit operand in fields b and c (`XJ` jump, `XI` int, `XN` name, `XC` constant) |
//! | `_` | unused |
//!
//! Registers below `Code::nlocals` are locals, the others are temporaries used as a stack.
//! On an error an instruction leaves its consumed temporaries in place: the unwinder releases
//! every temporary below the live depth recorded for that pc (`Code::depths`).

macro_rules! opcodes {
    ($($name:ident $ops:literal $caches:literal $doc:literal;)*) => {
        /// The operation of an instruction.
        #[allow(missing_docs, reason = "the table's own text documents each")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u16)]
        pub enum Op { $( #[doc = $doc] $name, )* }

        /// What the table says of each operation, indexed by `Op as usize`.
        pub static OPS: &[OpInfo] = &[ $( OpInfo { op: Op::$name, name: stringify!($name), operands: $ops, caches: $caches, doc: $doc }, )* ];
    };
}

/// One row of the opcode table.
#[derive(Debug)]
pub struct OpInfo {
    /// The operation.
    pub op: Op,
    /// Its name.
    pub name: &'static str,
    /// Operand letters for a, b, c (see the module documentation).
    pub operands: &'static str,
    /// Number of inline cache words that follow.
    pub caches: usize,
    /// What it does.
    pub doc: &'static str,
}

opcodes! {
    Nop "___" 0 "does nothing";
    // ---- moving values. `XxxL` is always the row after `Xxx`: the same with a local destination.
    LoadConst "WXC" 0 "a = consts[bc]";
    LoadConstL "LXC" 0 "a = consts[bc]";
    LoadSpecialValue "WU_" 0 "a = None, False, True, Ellipsis or NotImplemented (see `SpecialValue`)";
    LoadSpecialValueL "LU_" 0 "as LoadSpecialValue";
    LoadInt "WXI" 0 "a = the small int bc";
    LoadIntL "LXI" 0 "a = the small int bc";
    Copy "WK_" 0 "a = another reference to b";
    CopyL "LK_" 0 "local a = another reference to b";
    Move "WR_" 0 "a = b, both temporaries; b is empty afterwards";
    MoveL "LR_" 0 "local a = temporary b, moved";
    Release "R__" 0 "drop temporary a";
    SwapTemps "KK_" 0 "exchange temporaries a and b";
    ClearTemp "W__" 0 "a = NULL (an absent optional operand)";
    CheckLocal "KXN" 0 "UnboundLocalError naming names[bc] when local a is unbound";
    DelLocal "KXN" 0 "unbind local a; UnboundLocalError naming names[bc] when it is unbound already";
    ClearLocal "K__" 0 "unbind local a, bound or not";
    // ---- cells
    MakeCell "K__" 0 "local a = a new cell holding a's value (possibly none)";
    LoadDeref "WKN" 0 "a = content of the cell in local b; NameError/UnboundLocalError naming names[c] when empty";
    LoadDerefL "LKN" 0 "as LoadDeref";
    StoreDeref "KR_" 0 "cell in local a = b";
    DelDeref "K_N" 0 "empty the cell in local a; error naming names[c] when empty already";
    LoadClassDeref "WKN" 0 "a = names[c] from the class namespace, else content of the cell in local b";
    // ---- names
    LoadGlobal "WXN" 2 "a = global or builtin names[bc]; caches {dict version, slot}, {builtins version, slot}";
    LoadGlobalL "LXN" 2 "as LoadGlobal";
    StoreGlobal "RXN" 2 "global names[bc] = a";
    DelGlobal "_XN" 0 "delete global names[bc]";
    LoadName "WXN" 2 "a = names[bc] from the frame's namespace, else global, else builtin";
    LoadNameL "LXN" 2 "as LoadName";
    StoreName "RXN" 2 "names[bc] = a in the frame's namespace";
    DelName "_XN" 0 "delete names[bc] from the frame's namespace";
    LoadFromDictOrGlobals "WRN" 0 "a = names[c] from mapping b, else global, else builtin (annotation scopes in classes)";
    LoadLocals "W__" 0 "a = the frame's namespace mapping (as locals())";
    LoadBuildClass "W__" 0 "a = builtins.__build_class__";
    LoadCommonConstant "WU_" 0 "a = AssertionError (0), NotImplementedError (1), builtin tuple (2), all (3), any (4)";
    // ---- attributes
    LoadAttr "WRN" 2 "a = b.names[c]; caches {shape, epoch}, {kind, offset or value}";
    LoadAttrL "LRN" 2 "as LoadAttr";
    StoreAttr "RRN" 2 "a.names[c] = b  (a: object, b: value)";
    DelAttr "R_N" 0 "del a.names[c]";
    LoadMethod "WRN" 2 "a, a+1 = the method names[c] of b and b itself; or the attribute and NULL";
    LoadSuperAttr "WBN" 0 "a = super(b+1, b+2).names[c], where b holds what the name `super` means";
    LoadSuperMethod "WBN" 0 "a, a+1 = the method found that way and self, or the attribute and NULL";
    LoadSpecialMethod "WKU" 0 "a, a+1 = special method c of b's type and b, or the value and NULL: 0 __enter__ 1 __exit__ 2 __aenter__ 3 __aexit__ (TypeError with CPython's text when absent)";
    // ---- subscripts
    GetItem "WRR" 0 "a = b[c]";
    GetItemL "LRR" 0 "as GetItem";
    GetItemI "WRI" 0 "a = b[small int c]";
    GetItemIL "LRI" 0 "as GetItemI";
    SetItem "RRR" 0 "a[b] = c  (a: container, b: key, c: value)";
    DelItem "RR_" 0 "del a[b]";
    BuildSlice "WBU" 0 "a = slice of the c (2 or 3) temporaries from b";
    // ---- building
    BuildList "WBU" 0 "a = list of c temporaries from b";
    BuildTuple "WBU" 0 "a = tuple of c temporaries from b";
    BuildSet "WBU" 0 "a = set of c temporaries from b";
    BuildMap "WBU" 0 "a = dict of c key-value pairs in 2*c temporaries from b";
    BuildString "WBU" 0 "a = concatenation of the c strings from b";
    ListAppend "KR_" 0 "append b to list a";
    SetAdd "KR_" 0 "add b to set a";
    MapAdd "KRR" 0 "dict a[b] = c";
    ListExtend "KR_" 0 "extend list a by iterable b (text of the error: Value after * must be an iterable)";
    SetUpdate "KR_" 0 "update set a from iterable b";
    DictUpdate "KR_" 0 "update dict a from mapping b ({**b})";
    DictMerge "KRK" 0 "merge keyword mapping b into dict a, duplicate keys are an error naming callee c";
    ListToTuple "WR_" 0 "a = tuple(list b)";
    // ---- operators; each in-place row behaves like its plain row for immutable operands
    Add "WRR" 0 "a = b + c";
    AddL "LRR" 0 "as Add";
    Sub "WRR" 0 "a = b - c";
    SubL "LRR" 0 "as Sub";
    Mul "WRR" 0 "a = b * c";
    MulL "LRR" 0 "as Mul";
    TrueDiv "WRR" 0 "a = b / c";
    TrueDivL "LRR" 0 "as TrueDiv";
    FloorDiv "WRR" 0 "a = b // c";
    FloorDivL "LRR" 0 "as FloorDiv";
    Mod "WRR" 0 "a = b % c";
    ModL "LRR" 0 "as Mod";
    And "WRR" 0 "a = b & c";
    AndL "LRR" 0 "as And";
    Or "WRR" 0 "a = b | c";
    OrL "LRR" 0 "as Or";
    Xor "WRR" 0 "a = b ^ c";
    XorL "LRR" 0 "as Xor";
    LShift "WRR" 0 "a = b << c";
    LShiftL "LRR" 0 "as LShift";
    RShift "WRR" 0 "a = b >> c";
    RShiftL "LRR" 0 "as RShift";
    Pow "WRR" 0 "a = b ** c";
    PowL "LRR" 0 "as Pow";
    MatMul "WRR" 0 "a = b @ c";
    MatMulL "LRR" 0 "as MatMul";
    IAdd "WRR" 0 "a = (b += c)";
    IAddL "LRR" 0 "as IAdd";
    ISub "WRR" 0 "a = (b -= c)";
    ISubL "LRR" 0 "as ISub";
    IMul "WRR" 0 "a = (b *= c)";
    IMulL "LRR" 0 "as IMul";
    ITrueDiv "WRR" 0 "a = (b /= c)";
    ITrueDivL "LRR" 0 "as ITrueDiv";
    IFloorDiv "WRR" 0 "a = (b //= c)";
    IFloorDivL "LRR" 0 "as IFloorDiv";
    IMod "WRR" 0 "a = (b %= c)";
    IModL "LRR" 0 "as IMod";
    IAnd "WRR" 0 "a = (b &= c)";
    IAndL "LRR" 0 "as IAnd";
    IOr "WRR" 0 "a = (b |= c)";
    IOrL "LRR" 0 "as IOr";
    IXor "WRR" 0 "a = (b ^= c)";
    IXorL "LRR" 0 "as IXor";
    ILShift "WRR" 0 "a = (b <<= c)";
    ILShiftL "LRR" 0 "as ILShift";
    IRShift "WRR" 0 "a = (b >>= c)";
    IRShiftL "LRR" 0 "as IRShift";
    IPow "WRR" 0 "a = (b **= c)";
    IPowL "LRR" 0 "as IPow";
    IMatMul "WRR" 0 "a = (b @= c)";
    IMatMulL "LRR" 0 "as IMatMul";
    AddI "WRI" 0 "a = b + small int c";
    AddIL "LRI" 0 "as AddI";
    SubI "WRI" 0 "a = b - small int c";
    SubIL "LRI" 0 "as SubI";
    IAddI "WRI" 0 "a = (b += small int c)";
    IAddIL "LRI" 0 "as IAddI";
    ISubI "WRI" 0 "a = (b -= small int c)";
    ISubIL "LRI" 0 "as ISubI";
    Neg "WR_" 0 "a = -b";
    Pos "WR_" 0 "a = +b";
    Invert "WR_" 0 "a = ~b";
    Not "WR_" 0 "a = not b";
    // ---- comparisons
    Lt "WRR" 0 "a = b < c";
    Le "WRR" 0 "a = b <= c";
    Eq "WRR" 0 "a = b == c";
    Ne "WRR" 0 "a = b != c";
    Gt "WRR" 0 "a = b > c";
    Ge "WRR" 0 "a = b >= c";
    Is "WRR" 0 "a = b is c";
    IsNot "WRR" 0 "a = b is not c";
    In "WRR" 0 "a = b in c";
    NotIn "WRR" 0 "a = b not in c";
    // ---- fused compare and branch: T jumps when true, F when false. A backward jump polls for interrupts.
    JLtT "RRJ" 0 "jump if a < b";
    JLtF "RRJ" 0 "jump unless a < b";
    JLeT "RRJ" 0 "jump if a <= b";
    JLeF "RRJ" 0 "jump unless a <= b";
    JEqT "RRJ" 0 "jump if a == b";
    JEqF "RRJ" 0 "jump unless a == b";
    JNeT "RRJ" 0 "jump if a != b";
    JNeF "RRJ" 0 "jump unless a != b";
    JGtT "RRJ" 0 "jump if a > b";
    JGtF "RRJ" 0 "jump unless a > b";
    JGeT "RRJ" 0 "jump if a >= b";
    JGeF "RRJ" 0 "jump unless a >= b";
    JLtIT "RIJ" 0 "jump if a < small int b";
    JLtIF "RIJ" 0 "jump unless a < small int b";
    JLeIT "RIJ" 0 "jump if a <= small int b";
    JLeIF "RIJ" 0 "jump unless a <= small int b";
    JEqIT "RIJ" 0 "jump if a == small int b";
    JEqIF "RIJ" 0 "jump unless a == small int b";
    JNeIT "RIJ" 0 "jump if a != small int b";
    JNeIF "RIJ" 0 "jump unless a != small int b";
    JGtIT "RIJ" 0 "jump if a > small int b";
    JGtIF "RIJ" 0 "jump unless a > small int b";
    JGeIT "RIJ" 0 "jump if a >= small int b";
    JGeIF "RIJ" 0 "jump unless a >= small int b";
    JIsT "RRJ" 0 "jump if a is b";
    JIsF "RRJ" 0 "jump unless a is b";
    JInT "RRJ" 0 "jump if a in b";
    JInF "RRJ" 0 "jump unless a in b";
    // ---- branches
    Jump "_XJ" 0 "jump (forward or backward; a backward jump polls for interrupts)";
    JTrue "RXJ" 0 "jump if a is true";
    JFalse "RXJ" 0 "jump if a is false";
    JTrueKeep "KXJ" 0 "if a is true jump keeping temporary a, else release it";
    JFalseKeep "KXJ" 0 "if a is false jump keeping temporary a, else release it";
    JNone "RXJ" 0 "jump if a is None";
    JNotNone "RXJ" 0 "jump if a is not None";
    JNull "KXJ" 0 "jump if register a holds nothing (local unbound)";
    // ---- iteration
    GetIter "WR_" 0 "a = iter(b)";
    ForIter "KWJ" 0 "b = next(a) and jump; when exhausted release iterator a and fall through";
    ForIterL "KLJ" 0 "as ForIter into a local";
    GetYieldFromIter "WR_" 0 "a = iterator for `yield from b` (coroutines allowed in coroutines)";
    GetAwaitable "WRU" 0 "a = awaitable iterator of b; c: 0 await, 1 __aenter__, 2 __aexit__ (for the error text)";
    GetAIter "WR_" 0 "a = aiter(b)";
    GetANext "WK_" 0 "a = awaitable of anext(b), b kept";
    EndAsyncFor "KXJ" 0 "a: exception, a-1: async iterator. StopAsyncIteration: release both and jump; else re-raise";
    // ---- calls. Layout at base a: callee, self-or-NULL, arguments …; the result replaces the callee.
    Call "BU_" 1 "a = call with b positional arguments";
    CallKw "BUC" 1 "a = call with b arguments in all, the last ones named by the tuple consts[c]";
    CallEx "BU_" 0 "a = call: a+2 positionals (a tuple; for f(*x) alone any iterable, TypeError naming the callee otherwise), a+3 dict of keywords if b is 1";
    MakeFunction "WXC" 0 "a = function of code consts[bc]; temporaries from a, by the flags in the next word's a: 1 defaults tuple, 2 kwdefaults dict, 4 annotate function, 8 closure tuple (in this order); the next word is an Ext";
    Ext "U__" 0 "operand extension of the instruction before; never executed";
    Return "R__" 0 "return a";
    ReturnSpecial "U__" 0 "return the special value a (see `SpecialValue`)";
    // ---- generators and coroutines
    ReturnGenerator "___" 0 "first instruction of a generator, coroutine or async generator: make it and return it";
    Yield "WRU" 0 "yield b; on resumption a = the value sent. c: 1 inside an except handler (own exc_info), 2 value must be wrapped (async generator), 4 part of yield from/await";
    Send "KKJ" 0 "send b to sub-iterator a: if it yields, b = the value and fall through; if it returns, release a, b = the result and jump";
    // ---- exceptions
    Raise "BU_" 0 "raise: b = 0 re-raise the handled one, 1 raise a, 2 raise a from a+1";
    Reraise "R__" 0 "raise exception a again, its traceback untouched";
    PushExc "KU_" 0 "a: the caught exception; a+1 = exception handled until now (or NULL); a becomes the handled one. b: 1 when this is the outermost handler of a generator";
    PopExc "KU_" 0 "end of handler: a+1 becomes the handled exception again, a and a+1 are released. b as in PushExc";
    CheckExcMatch "WKR" 0 "a = does exception b match c (TypeError when c is no exception class)";
    CheckEgMatch "WRR" 0 "a = matching part (or None), a+1 = rest (or None) of exception group b for type c";
    PrepReraiseStar "WRR" 0 "a = exception to raise after except* handlers: b original, c list of raised and unhandled";
    PushExcTriple "WK_" 0 "a, a+1, a+2 = type, value, traceback of exception b";
    // ---- unpacking
    UnpackSequence "BRU" 0 "a … a+c-1 (temporaries) = the c items of b; a may be b";
    UnpackEx "BRU" 0 "as UnpackSequence with a starred part: low byte of c items, a list, high byte of c items";
    // ---- pattern matching
    MatchSequence "WK_" 0 "a = is b a sequence in the sense of match";
    MatchMapping "WK_" 0 "a = is b a mapping";
    MatchKeys "WKR" 0 "a = tuple of the values of b for the keys in tuple c, or None when one is missing";
    MatchClass "WKB" 0 "a = tuple of attributes or None: subject b, class c, tuple of names c+1, positional count in the next word's a (an Ext)";
    GetLen "WK_" 0 "a = len(b)";
    // ---- formatting
    FormatSimple "WR_" 0 "a = format(b, '')";
    FormatWithSpec "WRR" 0 "a = format(b, c)";
    ConvertValue "WRU" 0 "a = str(b) (1), repr(b) (2) or ascii(b) (3)";
    BuildInterpolation "WBU" 0 "a = Interpolation(b value, b+1 str, b+2 format spec if c&1), c>>2 conversion as ConvertValue";
    BuildTemplate "WB_" 0 "a = Template(b tuple of strings, b+1 tuple of interpolations)";
    // ---- imports
    ImportName "WBN" 0 "a = import names[c]; b level, b+1 fromlist";
    ImportFrom "WKN" 0 "a = from module b import names[c]";
    ImportStar "R__" 0 "from module a import * into the frame's namespace";
    // ---- classes, types, annotations
    Intrinsic1 "WRU" 0 "a = intrinsic c applied to b (see `Intrinsic1`)";
    Intrinsic2 "WBU" 0 "a = intrinsic c applied to b, b+1 (see `Intrinsic2`)";
    // ---- interactive
    PrintExpr "R__" 0 "sys.displayhook(a)";
    // ---- the compiler's own additions
    LoadWith "BU_" 0 "a: context manager; a … a+3 = its __exit__ and self, its __enter__ and self (looked up in this order, TypeError as LoadSpecialMethod); b 1: __aexit__, __aenter__";
    UnpackRev "BRU" 0 "as UnpackSequence with the first item in the topmost temporary a+c-1";
    UnpackExRev "BRU" 0 "as UnpackEx with the first item in the topmost temporary";
    LoadFromDictOrDeref "BKN" 0 "a = names[c] from the mapping in temporary a, else content of the cell in local b";
    SetupAnnotations "___" 0 "make __annotations__ in the frame's namespace unless it is there";
    // ---- specialised forms, written in place by the machine, never by the compiler
    ForIterRange "KWJ" 0 "ForIter over a range iterator";
    ForIterRangeL "KLJ" 0 "ForIterL over a range iterator";
    ForIterList "KWJ" 0 "ForIter over a list iterator";
    ForIterListL "KLJ" 0 "ForIterL over a list iterator";
    CopyUnpack "WK_" 0 "Copy of a sequence that the UnpackRev that follows takes apart: both at once for tuples";
    SetItemInt "WXI" 0 "LoadInt of the value that the SetItem that follows stores: both at once for lists";
    SetItemSpecial "WU_" 0 "LoadSpecialValue of the value that the SetItem that follows stores: both at once for lists";
    GetSlice "WBU" 0 "BuildSlice whose slice the GetItem that follows consumes: both at once for str, list and tuple with plain bounds";
    LoadGlobalCall "WXN" 2 "LoadGlobal of a callee: also a+1 = NULL, and the ClearTemp that follows is skipped";
    CallPy "BU_" 1 "Call of a Python function with plain positional parameters";
    CallNative "BU_" 1 "Call of a native function";
}

/// Values that live in the instruction: operand of `LoadSpecialValue` and `ReturnSpecial`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum SpecialValue {
    /// `None`
    None = 0,
    /// `False`
    False = 1,
    /// `True`
    True = 2,
    /// `...`
    Ellipsis = 3,
    /// `NotImplemented`
    NotImplemented = 4,
}

/// Functions of one operand that only the compiler calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Intrinsic1 {
    /// `TypeVar(b)` without bound
    TypeVar = 0,
    /// `ParamSpec(b)`
    ParamSpec = 1,
    /// `TypeVarTuple(b)`
    TypeVarTuple = 2,
    /// `Generic[b]` for a class with type parameters
    SubscriptGeneric = 3,
    /// `TypeAliasType` from a tuple (name, type parameters or None, value function)
    TypeAlias = 4,
    /// wrap a value yielded by an async generator
    AsyncGenWrap = 5,
    /// turn StopIteration leaving a generator into RuntimeError; b is the exception
    StopIterationError = 6,
    /// tuple(list)
    ListToTuple = 7,
}

/// Functions of two operands that only the compiler calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Intrinsic2 {
    /// `TypeVar(b)` with the bound computed by function b+1
    TypeVarWithBound = 0,
    /// `TypeVar(b)` with the constraints computed by function b+1
    TypeVarWithConstraints = 1,
    /// set `__type_params__` of function b to b+1, giving b
    SetFunctionTypeParams = 2,
    /// set the default of type parameter b to the function b+1, giving b
    SetTypeParamDefault = 3,
}

impl Op {
    /// The row of the table.
    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }

    /// The operation with this number.
    pub fn from_u16(n: u16) -> Option<Op> {
        OPS.get(usize::from(n)).map(|i| i.op)
    }

    /// The same operation with a local destination, where the table has one.
    pub fn to_local(self) -> Option<Op> {
        let next = OPS.get(self as usize + 1)?;
        let info = self.info();
        let dual = next.name.strip_suffix('L') == Some(info.name) && next.operands.contains('L');
        dual.then_some(next.op)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_duals_are_adjacent() {
        for (i, row) in OPS.iter().enumerate() {
            assert_eq!(row.op as usize, i);
            assert_eq!(row.operands.len(), 3, "{}", row.name);
        }
        assert_eq!(Op::Add.to_local(), Some(Op::AddL));
        assert_eq!(Op::ForIter.to_local(), Some(Op::ForIterL));
        assert_eq!(Op::Call.to_local(), None);
    }
}
