//! `urn:posthouse:sms:1`: text messages. Where a message is to go, what came from a phone, how far a text is, and
//! what the server and the gateway tell each other. `docs/sms.md` is the protocol in full.

use xmpp_parsers::message::MessagePayload;
use xso::{AsXml, FromXml};

/// The namespace of all these elements.
pub const NAMESPACE: &str = "urn:posthouse:sms:1";

/// The server's feature (XEP-0030) when there is a gateway: phones can be written to, now or when it is back.
pub const PHONES: &str = "urn:posthouse:sms:1#phones";

/// Where the sender wants a message to go: `<delivery wish='…'/>`. Person to person it is the client unless the
/// sender says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeliveryWish {
    /// The client, now or later.
    #[default]
    Client,
    /// The phone.
    Phone,
    /// The client, or the phone when no client is there.
    ClientElsePhone,
    /// Both.
    Both,
}

impl DeliveryWish {
    /// All wishes.
    pub const ALL: [Self; 4] = [Self::Client, Self::Phone, Self::ClientElsePhone, Self::Both];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Phone => "phone",
            Self::ClientElsePhone => "client-else-phone",
            Self::Both => "both",
        }
    }

    /// The wish of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.word() == word)
    }
}

/// The wish on the wire, beside a message's body.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "delivery")]
pub struct Delivery {
    /// [`DeliveryWish::word`].
    #[xml(attribute)]
    pub wish: String,
}

impl MessagePayload for Delivery {}

/// Why a text did not reach the phone: the `class` of `<failure/>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// The network does not reach this phone.
    Destination,
    /// The network took it and says it will not arrive.
    Reported,
    /// No modem takes such a text.
    Ours,
    /// The network refused it three times.
    Refused,
    /// Nobody took it in time.
    Expired,
    /// Nobody knows, even after a second time.
    Unconfirmed,
    /// Its sender has texted as much as they may.
    Limit,
}

impl FailureClass {
    /// All classes.
    pub const ALL: [Self; 7] = [
        Self::Destination,
        Self::Reported,
        Self::Ours,
        Self::Refused,
        Self::Expired,
        Self::Unconfirmed,
        Self::Limit,
    ];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Reported => "reported",
            Self::Ours => "ours",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unconfirmed => "unconfirmed",
            Self::Limit => "limit",
        }
    }

    /// The class of a word; `None` for one of a newer gateway.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::{DeliveryWish, FailureClass};

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for wish in DeliveryWish::ALL {
            assert_eq!(DeliveryWish::of_word(wish.word()), Some(wish));
        }
        for class in FailureClass::ALL {
            assert_eq!(FailureClass::of_word(class.word()), Some(class));
        }
        assert_eq!(DeliveryWish::of_word("pigeon"), None);
    }
}
