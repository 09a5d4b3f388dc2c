//! What a message says about text messages (`docs/sms.md`), and when that is news.

use posthouse_protocol::sms;
use xmpp_parsers::message::Message;
use xmpp_parsers::minidom::Element;

use super::classify::LONGEST_ID;
use crate::model::{DeliveryWish, Sms, SmsState};
use crate::store::messages::{sms_state_of, wish_of_word};

/// More characters than any time has.
const LONGEST_TIME: usize = 40;

fn child<'a>(message: &'a Message, name: &str) -> Option<&'a Element> {
    message.payloads.iter().find(|payload| payload.is(name, sms::NAMESPACE))
}

/// Where the author wanted it.
pub(super) fn wish(message: &Message) -> DeliveryWish {
    child(message, "delivery").and_then(|it| it.attr("wish")).map_or(DeliveryWish::Client, wish_of_word)
}

/// How far a text is: the id of the message, and what the gateway says.
pub(super) fn notice(message: &Message) -> Option<(String, Sms)> {
    let state = child(message, "state")?;
    let id = state.attr("id").filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)?;
    let value = sms_state_of(state.attr("value")?)?;
    let reason = child(message, "failure");
    let until = state.attr("until").or_else(|| reason.and_then(|it| it.attr("until")));
    let until = until.filter(|until| until.len() <= LONGEST_TIME).map(str::to_owned);
    let failure = reason.and_then(|it| it.attr("class"));
    let failure = failure.filter(|class| sms::FailureClass::of_word(class).is_some()).map(str::to_owned);
    let again = state.attr("again") == Some("true");
    Some((id.to_owned(), Sms { state: value, failure, again, until }))
}

/// Notices may come late and twice: a text that is on the phone stays there, and one that was given up changes
/// only when it arrived after all.
pub(super) fn is_news(known: Option<&Sms>, said: &Sms) -> bool {
    match (known.map(|sms| sms.state), said.state) {
        (_, SmsState::Wished | SmsState::Received) | (Some(SmsState::Delivered | SmsState::Received), _) => {
            false
        }
        (Some(SmsState::Failed), state) => state == SmsState::Delivered,
        (_, _) => known != Some(said),
    }
}

#[cfg(test)]
mod tests {
    use super::{Sms, SmsState, is_news};

    #[test]
    fn a_text_on_the_phone_stays_there() {
        let delivered = Sms::new(SmsState::Delivered);
        assert!(!is_news(Some(&delivered), &Sms::new(SmsState::Failed)));
        assert!(!is_news(Some(&delivered), &Sms::new(SmsState::Sent)));
        assert!(is_news(Some(&Sms::new(SmsState::Failed)), &delivered), "it arrived after all");
        assert!(!is_news(Some(&Sms::new(SmsState::Failed)), &Sms::new(SmsState::Queued)));
    }

    #[test]
    fn a_text_goes_its_way_and_may_begin_again() {
        let way =
            [SmsState::Wished, SmsState::Queued, SmsState::Unconfirmed, SmsState::Queued, SmsState::Sent];
        for pair in way.windows(2) {
            assert!(is_news(Some(&Sms::new(pair[0])), &Sms::new(pair[1])), "{pair:?}");
        }
        assert!(is_news(None, &Sms::new(SmsState::Queued)));
    }
}
