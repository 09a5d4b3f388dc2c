//! What an administrator can do about a refusal.

use super::Refusal;

/// What to do about a sentence of the list of refusals.
pub fn advice(sentence: &str) -> &'static str {
    match Refusal::ALL.into_iter().find(|refusal| refusal.to_string() == sentence) {
        Some(refusal) => of_refusal(refusal),
        None => of_sentence(sentence),
    }
}

fn of_refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownSystem => {
            "compare the name (client id) in the system's configuration with `relying-party list`, and see whether it is \
             enabled"
        }
        Refusal::WrongWay => {
            "the system asks by another protocol than it was registered for: register it again with the right preset"
        }
        Refusal::NotForThisPerson => {
            "right, unless the person should use it: `relying-party set` says who may, `user show` where the person is"
        }
        Refusal::AccountClosed => "right, unless the account should be open: `user enable` opens it",
        Refusal::NotSignedIn => "the person opens the system from the app again",
        Refusal::TooMany => "look whether a page of the system sends people to sign in again and again",
        Refusal::UnknownTicket => {
            "mostly a page that was loaded twice or an old link; when it is every time, something on the way (a virus \
             scanner, a second proxy) fetches the link first, or the system redeems its ticket twice"
        }
        Refusal::TicketExpired => {
            "the computer was slow, or its clock or the server's is wrong; open the system from the app again"
        }
        Refusal::OtherBrowser => {
            "a link was copied out of the app, or the app could not set its cookie: people with other clients use the \
             command that gives links"
        }
        Refusal::LedByAnotherSite => "a page led somebody to a link of somebody else: find out which page",
        Refusal::WrongPath => {
            "a notice links to a path that does not begin with one slash: mend it in the system"
        }
        Refusal::Malformed => {
            "the system or a proxy before it sends what no browser sends: look at its version"
        }
        Refusal::WrongRedirectUri => {
            "put the address that the system sends (its log or the browser's address bar shows it) into the \
             registration, with the same scheme, port and trailing slash"
        }
        Refusal::WrongService => {
            "register the address under which people reach the system as its CAS service: scheme, name, port and the \
             beginning of the path count"
        }
        Refusal::ForgedForm => {
            "a page was left open for too long, cookies are switched off, or it was an attack"
        }
        Refusal::WrongSite => {
            "the proxy must send `X-Original-URL` with the scheme, name and port that were registered as the site"
        }
        Refusal::AppAway => {
            "this needs the app (or another client that knows `urn:posthouse:sso:0`), connected: the person opens it and \
             tries again"
        }
        Refusal::NotProved => {
            "right, when the person did not want to, was too slow or forgot the password; otherwise the system asked by itself \
             (`prompt`, `max_age`, `renew`)"
        }
        Refusal::WrongSecret => {
            "put the secret of the registration into the system's configuration; `relying-party rotate-secret` makes a \
             new one"
        }
    }
}

/// Sentences that are no [`Refusal`]: what the system was answered at the endpoints it asks itself.
fn of_sentence(sentence: &str) -> &'static str {
    let told: [(&str, &str); 10] = [
        (
            "code_challenge is needed",
            "switch PKCE with S256 on in the system; one that cannot is registered anew with --without-pkce",
        ),
        ("code_challenge_method", "set the system's PKCE method to S256"),
        (
            "code_verifier",
            "the system forgets what it sent: with several copies of it, they must share their sessions",
        ),
        (
            "redirect_uri",
            "the system names another redirect URI when it redeems the code: set its own public address",
        ),
        ("the session is over", "right: the person has signed out meanwhile"),
        (
            "unknown, was used before",
            "the system redeems a code twice, or takes longer than 30 seconds: look at its clock and log",
        ),
        ("response_type", "set the system's flow to authorization code (response_type=code)"),
        ("request objects", "switch request objects and dynamic registration off in the system"),
        ("proxy tickets", "switch proxying (a proxy callback, `pgtUrl`) off in the system's CAS client"),
        ("was not told", "see the tests of its logout address above"),
    ];
    told.iter()
        .find(|(words, _)| sentence.contains(words))
        .map_or("look at the system's own log at that time", |(_, next)| next)
}

#[cfg(test)]
mod tests {
    use super::super::Refusal;
    use super::advice;

    #[test]
    fn every_refusal_has_its_own_advice() {
        let mut all: Vec<&str> = Refusal::ALL.iter().map(|refusal| advice(&refusal.to_string())).collect();
        assert!(all.iter().all(|one| !one.contains("own log at that time")));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Refusal::ALL.len());
    }

    #[test]
    fn what_a_system_was_answered_has_advice_too() {
        let missing = "sent back: invalid_request: code_challenge is needed (PKCE, S256)";
        assert!(advice(missing).contains("PKCE"), "{}", advice(missing));
        assert_eq!(advice("something new"), "look at the system's own log at that time");
    }
}
