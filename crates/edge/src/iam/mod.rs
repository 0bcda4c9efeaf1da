//! tmp
pub fn routes(_: &mut crate::routes::Routes) {}
