//! Whose voice we speak with: a component can only speak from its own domain. What belongs into a colleague's
//! chat names that, and the server takes care.

use posthouse_protocol::wire::escape_attribute;

/// A sender on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Voice {
    /// The address of ours.
    pub(super) from: String,
    /// ` chat='…'`, or nothing when the address of ours is the chat itself.
    pub(super) chat: String,
}

impl Voice {
    /// Of this address, by the gateway of that domain.
    pub(super) fn of(address: &str, domain: &str) -> Self {
        match address.split_once('@') {
            Some((local, home)) if home != domain => Self {
                from: format!("{local}@{domain}"),
                chat: format!(" chat='{}'", escape_attribute(address)),
            },
            Some(_) | None => Self { from: address.to_owned(), chat: String::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Voice;

    #[test]
    fn a_colleagues_chat_is_named() {
        let voice = Voice::of("o'brien@posthouse.test", "sms.posthouse.test");
        assert_eq!(voice.from, "o'brien@sms.posthouse.test");
        assert_eq!(voice.chat, " chat='o&apos;brien@posthouse.test'");
    }

    #[test]
    fn an_address_of_ours_is_its_own_chat() {
        let voice = Voice::of("+8613800000001@sms.posthouse.test", "sms.posthouse.test");
        assert_eq!((voice.from.as_str(), voice.chat.as_str()), ("+8613800000001@sms.posthouse.test", ""));
    }
}
