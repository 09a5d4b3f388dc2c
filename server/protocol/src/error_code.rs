//! Reasons for a refusal that the stanza errors of RFC 6120 are too coarse for.

/// Namespace of the application-specific condition inside `<error/>` (RFC 6120 section 8.3.4).
pub const NAMESPACE: &str = "urn:posthouse:errors:1";

/// A reason; stands beside the standard condition named with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// `chat-not-allowed`, with `forbidden`: the organisation does not let these two people write to each other.
    ChatNotAllowed,
    /// `field-not-yours`, with `not-allowed`: the organisation maintains this field.
    FieldNotYours,
    /// `shared-contact`, with `not-allowed`: a colleague's entry cannot be taken out of the roster.
    SharedContact,
    /// `too-much-watched`, with `policy-violation`: more departments or people than a session may watch.
    TooMuchWatched,
    /// `outside`, with `not-allowed`: the address does not belong to the organisation.
    Outside,
    /// `texting-not-allowed`, with `forbidden`: the organisation does not let this person write to this phone.
    TextingNotAllowed,
    /// `no-phone`, with `item-not-found`: no phone of this person is known.
    NoPhone,
    /// `gateway-away`, with `recipient-unavailable`: there is no gateway for texts.
    GatewayAway,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 8] = [
        Self::ChatNotAllowed,
        Self::FieldNotYours,
        Self::SharedContact,
        Self::TooMuchWatched,
        Self::Outside,
        Self::TextingNotAllowed,
        Self::NoPhone,
        Self::GatewayAway,
    ];

    /// Local name of the element.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChatNotAllowed => "chat-not-allowed",
            Self::FieldNotYours => "field-not-yours",
            Self::SharedContact => "shared-contact",
            Self::TooMuchWatched => "too-much-watched",
            Self::Outside => "outside",
            Self::TextingNotAllowed => "texting-not-allowed",
            Self::NoPhone => "no-phone",
            Self::GatewayAway => "gateway-away",
        }
    }

    /// The code of an element name; `None` for one of a newer server.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::of_name(code.name()), Some(code));
        }
        assert_eq!(ErrorCode::of_name("from-the-future"), None);
    }
}
