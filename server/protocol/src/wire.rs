//! XMPP bytes: cut into stanzas, checked once, edited at the head, never re-serialised.

mod child;
mod conversion;
mod frame;
mod head;
mod head_edit;
mod scanner;
mod stream_header;
mod text;
mod walk;

pub use child::Child;
pub use frame::{Frame, StanzaKind};
pub use head::{Head, StreamNamespace};
pub use head_edit::HeadEdit;
pub use scanner::{Limits, Progress, ScanError, Scanner};
pub use stream_header::{StreamHeader, StreamHeaderError};
pub use text::{escape, escape_attribute, unescape};
