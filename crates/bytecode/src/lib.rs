//! Bytecode of the Hognose register machine: the opcode table, instructions and `Code` as plain data.
//!
//! Nothing here allocates guest objects or knows the machine: the compiler writes a [`Code`], the
//! machine's loader reads it once and makes its own copy with materialised constants.

mod bound;
mod code;
mod codec;
mod disasm;
mod flow;
mod opcodes;
mod pack;
mod strings;
mod unpack;

pub use code::{Code, CodeFlags, Const, Handler, Insn, Position};
pub use codec::{decode, encode, is_sound, pyc_magic};
pub use disasm::disassemble;
pub use opcodes::{Intrinsic1, Intrinsic2, OPS, Op, OpInfo, SpecialValue};
pub use pack::pack;
pub use strings::{StringTable, Strings};
pub use unpack::{Head, Item, Packed};
