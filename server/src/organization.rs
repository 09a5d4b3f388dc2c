//! The organisation: departments, people, posts, and who may see whom.

pub mod catalogue;
pub mod changes;
pub mod directory;
pub mod editor;
pub mod export;
pub mod fields;
pub mod import;
pub mod pictures;
pub mod pinyin;
pub mod tree;
pub mod visibility;
