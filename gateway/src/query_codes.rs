//! Codes that people ask with, by text or in a chat: "001" → "您有3个待办任务". A business system is asked over HTTP
//! and answers JSON; the reply is made from its fields. What a code is stands in the settings (`registry`).

mod asker;
mod code;
mod connector;
mod desk;
mod fill;
mod pages;
mod rate;
mod registry;
mod rights;
mod secrets;
mod settings;
mod spoken;
mod template;
mod trial;
mod wording;

pub use asker::Asker;
pub use code::Mistake;
pub use connector::Method;
pub use desk::{Query, QueryDesk};
pub use registry::Registry;
pub use settings::{FailureTexts, QueriesConfig, QueryCode};
pub(crate) use trial::try_out;
pub use wording::Language;
