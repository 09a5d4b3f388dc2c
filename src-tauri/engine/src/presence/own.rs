//! The person's own presence, as others see it.

use xmpp_parsers::message::Lang;
use xmpp_parsers::presence::{Presence, Show};

use crate::error::{EngineError, EngineErrorCode};
use crate::model::Availability;

/// Characters of a status that others get to see.
const LONGEST: usize = 200;

/// What the person has chosen; it is sent again after each login.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Own {
    show: Option<Show>,
    status: Option<String>,
}

impl Own {
    /// What was chosen.
    ///
    /// # Errors
    /// `BadInput`: whoever is signed in is not offline, and a status is text that XML can carry.
    pub(super) fn read(availability: Availability, status: Option<String>) -> Result<Self, EngineError> {
        let bad = |what: &str| Err(EngineError::new(EngineErrorCode::BadInput, what));
        let show = match availability {
            Availability::Online => None,
            Availability::Away => Some(Show::Away),
            Availability::ExtendedAway => Some(Show::Xa),
            Availability::DoNotDisturb => Some(Show::Dnd),
            Availability::Offline => return bad("offline"),
        };
        let status = status.map(|status| status.trim().chars().take(LONGEST).collect::<String>());
        let status = status.filter(|status| !status.is_empty());
        let is_readable = |letter: char| !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}');
        if status.as_ref().is_some_and(|status| !status.chars().all(is_readable)) {
            return bad("status");
        }
        Ok(Self { show, status })
    }

    /// As a stanza.
    pub(super) fn stanza(&self) -> Presence {
        let mut presence = Presence::available();
        presence.show = self.show.clone();
        presence.statuses = self.status.iter().map(|status| (Lang::default(), status.clone())).collect();
        presence
    }
}

#[cfg(test)]
mod tests {
    use super::Own;
    use crate::error::EngineErrorCode;
    use crate::model::Availability;

    fn written(availability: Availability, status: Option<&str>) -> String {
        let own = Own::read(availability, status.map(str::to_owned)).unwrap();
        String::from_utf8(xso::to_vec(&own.stanza()).unwrap()).unwrap()
    }

    #[test]
    fn what_was_chosen_is_what_others_are_told() {
        assert_eq!(
            written(Availability::Online, None),
            "<presence xmlns='jabber:client'><priority>0</priority></presence>"
        );
        assert_eq!(
            written(Availability::DoNotDisturb, Some(" 开会 ")),
            "<presence xmlns='jabber:client'><show>dnd</show><status>开会</status><priority>0</priority></presence>"
        );
    }

    #[test]
    fn nobody_who_is_signed_in_is_offline() {
        let refused = Own::read(Availability::Offline, None).unwrap_err();
        assert_eq!(refused.code, EngineErrorCode::BadInput);
        let refused = Own::read(Availability::Away, Some("a\u{8}".to_owned())).unwrap_err();
        assert_eq!(refused.code, EngineErrorCode::BadInput);
    }
}
