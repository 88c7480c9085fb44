//! Dicts and sets with keys of any kind: hashing and comparing may run Python, the tables themselves cannot.
//!
//!   key ─► hash (strings and small ints in line) ─► search without Python ─► only if unsure: search with `==`
//!
//! While `==` runs, the table may change: the search then starts over (see `hognose_object::dict`). What is done with
//! the index found happens before anything else can run.

use crate::exceptions::Exc;
use crate::{PyResult, Raised, Vm};
use hognose_object::dict::{DictRef, Quick, known_equal};
use hognose_object::hash::{Hash, hash_int};
use hognose_object::str::StrRef;
use hognose_object::{Owned, Ref};

impl Vm {
    /// Hash of a key; TypeErrors say what it was to be.
    #[inline]
    pub(crate) fn key_hash(&mut self, key: Ref<'_>, is_set: bool) -> PyResult<Hash> {
        if let Some(s) = StrRef::new(key) {
            return Ok(s.hash(self.hash_secret));
        }
        if let Some(n) = key.value().as_int() {
            return Ok(hash_int(n));
        }
        self.hash(key).map_err(|e| self.unhashable(e, key, is_set))
    }

    #[cold]
    fn unhashable(&mut self, e: Raised, key: Ref<'_>, is_set: bool) -> Raised {
        if !self.raised_is(&e, Exc::TypeError) {
            return e;
        }
        let exc = self.catch(e);
        if self.class_of(exc.as_ref()) != self.exc_class(Exc::TypeError) {
            return self.raise_object(exc);
        }
        let why = self.text_of(exc.as_ref());
        let class = self.type_name(key);
        let what = if is_set { "set element" } else { "dict key" };
        self.type_error(&format!("cannot use '{class}' as a {what} ({why})"))
    }

    /// Entry of a key with this hash.
    #[inline]
    pub(crate) fn find_hashed(
        &mut self,
        d: DictRef<'_>,
        hash: Hash,
        key: Ref<'_>,
    ) -> PyResult<Option<usize>> {
        match d.find_quick(hash, key) {
            Quick::Found(i) => Ok(Some(i)),
            Quick::Absent => Ok(None),
            Quick::Unsure => self.find_slowly(d, hash, key),
        }
    }

    #[cold]
    #[inline(never)]
    fn find_slowly(&mut self, d: DictRef<'_>, hash: Hash, key: Ref<'_>) -> PyResult<Option<usize>> {
        d.find(hash, key, |candidate| self.equal(candidate, key))
    }

    /// Entry of a key, and its hash.
    #[inline]
    pub(crate) fn find_key(&mut self, d: DictRef<'_>, key: Ref<'_>) -> PyResult<(Option<usize>, Hash)> {
        let hash = self.key_hash(key, d.is_set())?;
        Ok((self.find_hashed(d, hash, key)?, hash))
    }

    fn as_dict<'a>(&mut self, dict: Ref<'a>) -> PyResult<DictRef<'a>> {
        DictRef::new(dict).ok_or_else(|| self.type_error("a dict is required"))
    }

    fn as_set<'a>(&mut self, set: Ref<'a>) -> PyResult<DictRef<'a>> {
        DictRef::new_set(set).ok_or_else(|| self.type_error("a set is required"))
    }

    /// The value under `key` in a dict or subclass, without `__missing__`.
    #[inline]
    pub fn dict_get(&mut self, dict: Ref<'_>, key: Ref<'_>) -> PyResult<Option<Owned>> {
        let d = self.as_dict(dict)?;
        let (found, _) = self.find_key(d, key)?;
        Ok(found.and_then(|i| d.value_at(i)))
    }

    /// Is `key` in a dict or subclass?
    #[inline]
    pub fn dict_contains(&mut self, dict: Ref<'_>, key: Ref<'_>) -> PyResult<bool> {
        let d = self.as_dict(dict)?;
        Ok(self.find_key(d, key)?.0.is_some())
    }

    /// `dict[key] = value`
    #[inline]
    pub fn dict_set(&mut self, dict: Ref<'_>, key: Ref<'_>, value: Ref<'_>) -> PyResult<()> {
        let d = self.as_dict(dict)?;
        let hash = self.key_hash(key, false)?;
        self.dict_set_hashed(d, hash, key, value)
    }

    #[inline]
    pub(crate) fn dict_set_hashed(
        &mut self,
        d: DictRef<'_>,
        hash: Hash,
        key: Ref<'_>,
        value: Ref<'_>,
    ) -> PyResult<()> {
        match self.find_hashed(d, hash, key)? {
            Some(i) => drop(d.replace_at(&mut self.heap, i, value.owned())),
            None => d.insert_new(&mut self.heap, hash, key.owned(), value.owned())?,
        }
        Ok(())
    }

    /// Removes `key`; gives the value it had.
    pub fn dict_del(&mut self, dict: Ref<'_>, key: Ref<'_>) -> PyResult<Option<Owned>> {
        let d = self.as_dict(dict)?;
        let (found, hash) = self.find_key(d, key)?;
        Ok(found.map(|i| d.remove_at(&mut self.heap, i, hash).1))
    }

    /// Merges the dict `from` (or a subclass, read as a dict) into the dict `to`; with `keep` existing keys stay.
    pub fn dict_merge(&mut self, to: Ref<'_>, from: Ref<'_>, keep: bool) -> PyResult<()> {
        let (to, from) = (self.as_dict(to)?, self.as_dict(from)?);
        if to.as_ref().is(from.as_ref()) {
            return Ok(());
        }
        if to.is_empty() {
            return Ok(from.copy_into(&mut self.heap, to)?);
        }
        let (n, used) = (from.entries_len(), from.len());
        let mut at = 0;
        while let Some((i, key, value)) = from.next_entry(at) {
            at = i + 1;
            let tag = from.tag_at(i);
            let found = to.find_tag(tag, key.as_ref(), |c| self.equal(c, key.as_ref()))?;
            match found {
                Some(_) if keep => {}
                Some(i) => drop(to.replace_at(&mut self.heap, i, value)),
                None => to.insert_tagged(&mut self.heap, tag, key, value)?,
            }
            if from.entries_len() != n || from.len() != used {
                return Err(self.runtime_error("dict mutated during update"));
            }
        }
        Ok(())
    }

    /// Adds `item`; `true`: it was new.
    #[inline]
    pub fn set_add(&mut self, set: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
        let s = self.as_set(set)?;
        let hash = self.key_hash(item, true)?;
        self.set_add_hashed(s, hash, item)
    }

    #[inline]
    pub(crate) fn set_add_hashed(&mut self, s: DictRef<'_>, hash: Hash, item: Ref<'_>) -> PyResult<bool> {
        if self.find_hashed(s, hash, item)?.is_some() {
            return Ok(false);
        }
        s.insert_new(&mut self.heap, hash, item.owned(), Owned::null())?;
        Ok(true)
    }

    /// `item in set`. A set asked for is looked up as the frozenset with its items.
    #[inline]
    pub fn set_contains(&mut self, set: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
        let s = self.as_set(set)?;
        match self.find_key(s, item) {
            Ok((found, _)) => Ok(found.is_some()),
            Err(e) => {
                let hash = self.hash_of_set(e, item)?;
                Ok(self.find_hashed(s, hash, item)?.is_some())
            }
        }
    }

    /// Removes `item`; `false`: it was not there. Sets count as in [`Vm::set_contains`].
    pub fn set_discard(&mut self, set: Ref<'_>, item: Ref<'_>) -> PyResult<bool> {
        let s = self.as_set(set)?;
        let (found, hash) = match self.find_key(s, item) {
            Ok(found) => found,
            Err(e) => {
                let hash = self.hash_of_set(e, item)?;
                (self.find_hashed(s, hash, item)?, hash)
            }
        };
        if let Some(i) = found {
            drop(s.remove_at(&mut self.heap, i, hash));
        }
        Ok(found.is_some())
    }

    /// Hashing `item` failed with `e`: if it is a set, the hash it would have as a frozenset.
    #[cold]
    fn hash_of_set(&mut self, e: Raised, item: Ref<'_>) -> PyResult<Hash> {
        match DictRef::new_set(item) {
            Some(s) if self.raised_is(&e, Exc::TypeError) => {
                self.discard(e);
                Ok(crate::types::set::content_hash(s))
            }
            _ => Err(e),
        }
    }
}

/// Equality that needs no Python and no counting: `None` when it does.
#[inline(always)]
pub(crate) fn quick_equal(a: Ref<'_>, b: Ref<'_>) -> Option<bool> {
    known_equal(a.value(), b.value())
}
