//! XMPP bytes: cut into stanzas, checked once, edited at the head, never re-serialised.

mod frame;
mod head_edit;
mod scanner;
mod stream_header;
mod text;

pub use frame::{Child, Frame, StanzaKind};
pub use head_edit::HeadEdit;
pub use scanner::{Limits, Progress, ScanError, Scanner};
pub use stream_header::{StreamHeader, StreamHeaderError};
pub use text::{escape, unescape};
