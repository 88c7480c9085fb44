//! Attribute access with a namespace in place of the instance's own: `threading.local`.
//!
//!   data descriptor of the class ► namespace ► anything of the class

use crate::{DictRef, PyResult, Vm};
use hognose_object::{Layout, Ref, ValueExt};

impl Vm {
    /// As `object.__getattribute__`, with `dict` as the object's namespace.
    pub fn generic_get_attr_in(&mut self, r: Ref<'_>, dict: Ref<'_>, name: Ref<'_>) -> PyResult {
        let class = self.class_of(r);
        let found = self.lookup(class, name).map(|v| v.owned());
        if let Some(v) = &found
            && self.is_data_descriptor(v.as_ref())
        {
            return self.bind_attribute(v.clone(), r, class);
        }
        let own = match DictRef::new(dict) {
            Some(d) => d.get_str(name),
            None => None,
        };
        match (own, found) {
            (Some(v), _) => Ok(v),
            (None, Some(v)) => self.bind_attribute(v, r, class),
            (None, None) => Err(self.attribute_error(r, name)),
        }
    }

    /// As `object.__setattr__` and `object.__delattr__`, with `dict` as the object's namespace.
    pub fn generic_set_attr_in(
        &mut self,
        r: Ref<'_>,
        dict: Ref<'_>,
        name: Ref<'_>,
        value: Option<Ref<'_>>,
    ) -> PyResult<()> {
        let class = self.class_of(r);
        if let Some(d) = self.lookup(class, name).map(|v| v.owned())
            && (d.as_ref().is_exact(Layout::Member) || self.is_data_descriptor(d.as_ref()))
        {
            return self.generic_set_attr(r, name, value);
        }
        match value {
            Some(v) => self.dict_set(dict, name, v),
            None => match self.dict_del(dict, name)? {
                Some(_) => Ok(()),
                None => Err(self.attribute_error(r, name)),
            },
        }
    }
}
