//! Tries what can be tried with a system without signing in, and says in plain words what is wrong.

use std::time::Duration;

use posthouse_sign_on::issuer::Issuer;
use posthouse_sign_on::keys::KeyRing;
use posthouse_sign_on::logout::{LONGEST_ANSWER, PATIENCE, notice};
use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::relying_party::{Problem, RelyingParty, problems};
use posthouse_sign_on::secret::Random;
use posthouse_sign_on::session::Participation;

use crate::findings::Finding;
use crate::outbound::{Outbound, OutboundError, Post};

/// Time for all addresses of a system together; whoever asks over HTTP waits no longer.
const ALL_VISITS: Duration = Duration::from_secs(20);

/// Goes to a system as the server would.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    /// The way there.
    pub(crate) outbound: &'a Outbound,
    /// In whose name.
    pub(crate) issuer: &'a Issuer,
    /// What the ends of sessions are signed with.
    pub(crate) ring: &'a KeyRing,
    /// When.
    pub(crate) now: Moment,
}

impl Trial<'_> {
    /// What is found, each with what it is about.
    pub(crate) async fn run(
        &self,
        party: &RelyingParty,
        all: &[RelyingParty],
    ) -> Vec<(&'static str, Finding)> {
        let mut found: Vec<(&str, Finding)> =
            registration(party, all).into_iter().map(|finding| ("registration", finding)).collect();
        let visits = async {
            found.push(("launch", self.launch(party).await));
            for uri in party.open_id.iter().flat_map(|open_id| &open_id.redirect_uris) {
                found.push(("redirect", self.redirect(uri).await));
            }
            for site in party.forward_auth.iter().flat_map(|forward| &forward.sites) {
                found.push(("site", self.site(site).await));
            }
            for participation in nobodys(party) {
                found.push(("logout", self.logout(&participation, party).await));
            }
        };
        if tokio::time::timeout(ALL_VISITS, visits).await.is_err() {
            let next = "mend what does not answer, then test again";
            found.push((
                "time",
                Finding::failed("the other addresses were not looked at: it took too long", next),
            ));
        }
        found
    }
}

fn registration(party: &RelyingParty, all: &[RelyingParty]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = problems(party, all)
        .into_iter()
        .map(|problem| match problem {
            Problem::Wrong { sentence, .. } => {
                Finding::failed(sentence, "change it, or remove the system and register it again")
            }
            Problem::Warning(sentence) => {
                Finding::warning(sentence, "give each system a host name of its own")
            }
        })
        .collect();
    if !party.enabled {
        let next = format!("posthouse-server relying-party set {} --enabled true", party.id);
        findings.push(Finding::warning("the system is switched off: nobody gets in", next));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(format!("{} ({})", party.name, party.id)));
    }
    findings
}

/// A part in a session that nobody has, for each way of telling the system that it is over.
fn nobodys(party: &RelyingParty) -> Vec<Participation> {
    let nobody = Participation {
        party: party.id.clone(),
        user: "nobody".to_owned(),
        sid: "a-session-that-nobody-has".to_owned(),
        service_ticket: None,
        service: None,
    };
    let mut parts = Vec::new();
    for service in party.cas.iter().flat_map(|cas| &cas.services) {
        parts.push(Participation {
            service_ticket: Some("ST-that-nobody-has".to_owned()),
            service: Some(service.clone()),
            ..nobody.clone()
        });
    }
    if party.open_id.as_ref().is_some_and(|open_id| open_id.back_channel_logout.is_some()) {
        parts.push(nobody);
    }
    parts
}

impl Trial<'_> {
    async fn look(&self, url: &str) -> Result<u16, OutboundError> {
        self.outbound.look(url, Duration::from_secs(PATIENCE)).await
    }

    async fn launch(&self, party: &RelyingParty) -> Finding {
        let url = &party.launch;
        match self.look(url).await {
            Err(error) => unreachable(url, &error),
            Ok(404 | 410) => Finding::failed(
                format!("{url} is not found there"),
                "register the address at which people begin",
            ),
            Ok(status @ 500..) => {
                Finding::failed(format!("{url} answers {status}"), "look at the system's own log")
            }
            Ok(status) => Finding::ok(format!("{url} answers {status}")),
        }
    }

    /// Without a code the system is free to say no, but it should know the address.
    async fn redirect(&self, uri: &str) -> Finding {
        match self.look(uri).await {
            Err(error) if is_on_this_computer(uri) => Finding::warning(
                format!("{uri} does not answer here ({error})"),
                "none, when it is a program on people's computers",
            ),
            Err(error) => unreachable(uri, &error),
            Ok(404 | 410) => Finding::failed(
                format!("{uri} is not found there"),
                "compare it with the redirect URI in the system's configuration",
            ),
            Ok(status) => Finding::ok(format!("{uri} answers {status}")),
        }
    }

    /// Whoever comes without a cookie must be turned away or sent to sign in.
    async fn site(&self, site: &str) -> Finding {
        match self.look(&format!("{site}/")).await {
            Err(error) => unreachable(site, &error),
            Ok(status @ 200..300) => Finding::failed(
                format!("{site} answers {status} to somebody who has not signed in"),
                "the proxy does not ask the server: put the printed configuration into it and load it anew",
            ),
            Ok(status @ 500..) => Finding::failed(
                format!("{site} answers {status}"),
                "the proxy's error log tells whether it reaches the server and trusts its certificate",
            ),
            Ok(status) => Finding::ok(format!("{site} answers {status} to somebody who has not signed in")),
        }
    }

    /// Tells the system that a session is over that nobody has: it ends nothing, and is signed like any other.
    async fn logout(&self, participation: &Participation, party: &RelyingParty) -> Finding {
        let mut seed = [0; 32];
        if getrandom::fill(&mut seed).is_err() {
            return Finding::failed("the system gives no random bytes", "look at the computer");
        }
        let notice =
            match notice(participation, party, (self.issuer, self.ring), self.now, &mut Random::new(seed)) {
                Err(error) => {
                    let next = "start the server once with [single_sign_on]: it makes its keys then";
                    return Finding::failed(format!("nothing can be signed: {error}"), next);
                }
                Ok(None) => {
                    return Finding::warning(
                        "the system is not told when sessions end",
                        "see below what stays open then",
                    );
                }
                Ok(Some(notice)) => notice,
            };
        let post = Post {
            url: &notice.url,
            kind: "application/x-www-form-urlencoded",
            headers: &[],
            body: &notice.body,
            patience: Duration::from_secs(PATIENCE),
            longest_answer: LONGEST_ANSWER,
        };
        let is_cas = participation.service_ticket.is_some();
        let asked = if is_cas {
            self.outbound.post_in_the_clear(&post).await
        } else {
            self.outbound.post(&post).await
        };
        judged(&notice.url, is_cas, asked)
    }
}

/// What the answer to the end of a session that nobody has says.
fn judged(url: &str, is_cas: bool, asked: Result<u16, OutboundError>) -> Finding {
    match asked {
        Err(error) => unreachable(url, &error),
        Ok(status @ 200..300) => Finding::ok(format!("{url} takes the end of a session ({status})")),
        Ok(status @ 300..400) => Finding::failed(
            format!("{url} sends elsewhere ({status}), and nobody follows"),
            if is_cas {
                "switch single sign-out on in the system's CAS client"
            } else {
                "register the address behind it, and let no sign-in page stand before it"
            },
        ),
        // OpenID Connect Back-Channel Logout 1.0 section 2.8.
        Ok(400) if !is_cas => Finding::warning(
            format!("{url} refuses the token (400)"),
            "none, when the system refuses sessions it does not know; otherwise compare its issuer, client id and clock",
        ),
        Ok(status) => Finding::failed(
            format!("{url} answers {status} to the end of a session"),
            "register the address that the system's documentation calls back-channel logout, or single sign-out",
        ),
    }
}

/// What cannot be asked, in plain words.
fn unreachable(url: &str, error: &OutboundError) -> Finding {
    let said = error.to_string();
    let next = if said.contains("UnknownIssuer") {
        "its certificate is of an authority that this computer does not know: add that to the system's authorities"
    } else if said.contains("NotValidForName") {
        "its certificate is for another name: register the address with the name that the certificate has"
    } else if said.contains("Expired") {
        "its certificate has expired: renew it"
    } else if matches!(error, OutboundError::NotSecure) {
        "logout tokens go by https only: register an https address"
    } else if matches!(error, OutboundError::TimedOut) {
        "look whether a firewall stands between, or the system is slow"
    } else {
        "look whether the name, the port and the firewall are right, and whether the system runs"
    };
    Finding::failed(format!("{url}: {said}"), next)
}

fn is_on_this_computer(uri: &str) -> bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|host| uri.starts_with(host))
}

#[cfg(test)]
mod tests {
    use super::{Finding, OutboundError, judged, unreachable};

    #[test]
    fn answers_to_the_end_of_a_session_are_told_apart() {
        let url = "https://oa.example.org/backchannel";
        assert!(matches!(judged(url, false, Ok(200)), Finding::Ok(_)));
        assert!(matches!(judged(url, false, Ok(400)), Finding::Warning { .. }));
        assert!(matches!(judged(url, true, Ok(400)), Finding::Failed { .. }));
        for status in [302, 404, 405, 500] {
            assert!(matches!(judged(url, false, Ok(status)), Finding::Failed { .. }), "{status}");
        }
    }

    #[test]
    fn a_certificate_of_an_unknown_authority_is_explained() {
        let error = OutboundError::Io(std::io::Error::other("invalid peer certificate: UnknownIssuer"));
        let Finding::Failed { next, .. } = unreachable("https://oa.example.org/", &error) else { panic!() };
        assert!(next.contains("authority"), "{next}");
    }
}
