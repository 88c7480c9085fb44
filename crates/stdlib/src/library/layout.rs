//! What the build script, which writes the archive, and its reader agree on. Numbers are little-endian u32.
//!
//!   | magic | count | strings offset | record … | names | files, each deflated by itself | strings | code of each file |
//!   record: name offset, name length, data offset, packed length, length, code offset, code length; sorted by name
//!
//! Code is not compressed: functions are read where they lie when they are first called.
//! Invariant: offsets count from the start of the archive, records are sorted by the bytes of their names, and the names
//! in the code are of the one table of strings.

/// Folder in which the library's modules appear to be.
pub const ROOT: &str = "/hognose/lib/python3.14";
/// Bytes before the records: eight of magic, and two numbers.
pub const HEADER: usize = 16;
/// Bytes of a record.
pub const RECORD: usize = 28;
