//! What ends in a system when a session of single sign-on ends.

use posthouse_sign_on::relying_party::RelyingParty;

/// One sentence for each way in which the system signs people in.
pub(crate) fn told(party: &RelyingParty) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(open_id) = &party.open_id {
        told.push(match &open_id.back_channel_logout {
            Some(url) => format!(
                "OpenID Connect: the system is told at {url} and ends its own session at once; its tokens are worth \
                 nothing any more"
            ),
            None => "OpenID Connect: the system's own session lasts as long as the system likes, since it has no \
                     back-channel logout address; its tokens are worth nothing any more"
                .to_owned(),
        });
    }
    if let Some(cas) = &party.cas {
        told.push(if cas.single_logout {
            "CAS: the system is told at the service that was entered and ends its own session at once, when its CAS \
             client takes part in single sign-out"
                .to_owned()
        } else {
            "CAS: the system's own session lasts as long as the system likes, since single sign-out is off".to_owned()
        });
    }
    if party.forward_auth.is_some() {
        told.push("Proxy: the next request is turned away".to_owned());
    }
    if party.launch_ticket.is_some() {
        told.push(
            "Launch ticket: the system's own session lasts as long as the system likes; there is no way to tell it"
                .to_owned(),
        );
    }
    told
}
