//! The rules: one file each. The checker feeds them; what they report is a [`Finding`](crate::Finding).

pub(crate) mod hidden;
