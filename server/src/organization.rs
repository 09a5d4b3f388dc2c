//! The organisation: departments, people, posts, and who may see whom.

pub mod directory;
pub mod visibility;
