//! What the server is told: texts from phones, and how far texts to phones are.

use super::exchange::Heard;
use super::hearings;
use super::stream::{LinkError, Writer};
use super::voice::Voice;
use super::{Link, stanzas};
use crate::conversation::{Found, Incoming, masked};
use crate::outbox::{Order, TextState};
use crate::store::{TextRow, Waiting};

/// What was written and is not yet known to be there.
#[derive(Debug, Default)]
pub(super) struct News {
    states: Vec<(i64, TextState)>,
    texts: Vec<i64>,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty() && self.texts.is_empty()
    }
}

/// Writes all there is to tell.
pub(super) async fn tell(link: &Link, heard: &mut Heard, writer: &mut Writer) -> Result<News, LinkError> {
    let mut news = News::default();
    for row in link.outbox.untold().await.map_err(LinkError::Store)? {
        state(link, &row, writer).await?;
        news.states.push((row.id, row.state));
    }
    let waiting = link.inbox.unhanded().await.map_err(LinkError::Store)?;
    heard.lookups.keep(&waiting);
    heard.hearings.keep(&waiting);
    let mut is_first = true;
    for one in waiting {
        let found = heard.lookups.of(link, &one, writer).await?;
        // One that waits for its answer holds up those behind it.
        is_first &= found.is_some();
        let Some(found) = found.filter(|_| is_first) else { continue };
        let answer = heard.hearings.of(link, (&one, &found), writer).await?;
        is_first &= answer.is_some();
        let is_told = match answer {
            None => false,
            Some(hearings::Heard::Say(sentence)) => {
                answer_phone(link, &one, link.conversations.question(&one).number, sentence).await?;
                true
            }
            Some(hearings::Heard::Pass) => text(link, &one, &found, writer).await?,
        };
        if is_told {
            news.texts.push(one.id);
        }
    }
    Ok(news)
}

/// Notes that the server has it.
pub(super) async fn settle(link: &Link, news: News) -> Result<(), LinkError> {
    if !news.states.is_empty() {
        link.outbox.told(news.states).await.map_err(LinkError::Store)?;
    }
    for text in news.texts {
        link.inbox.is_handed(text).await.map_err(LinkError::Store)?;
    }
    Ok(())
}

/// Answers of the gateway itself have no sender who would want to know.
async fn state(link: &Link, row: &TextRow, writer: &mut Writer) -> Result<(), LinkError> {
    if row.origin.contains('@') {
        writer.write(stanzas::state(row, &link.settings.domain).as_bytes()).await?;
    }
    Ok(())
}

/// False when somebody else will note that it is handled.
async fn text(link: &Link, waiting: &Waiting, found: &Found, writer: &mut Writer) -> Result<bool, LinkError> {
    match link.conversations.incoming(waiting, found).await.map_err(LinkError::Store)? {
        Incoming::Chat { from, to, body } => {
            let voice = Voice::of(&from, &link.settings.domain);
            writer.write(stanzas::text(waiting, &voice, &to, &body).as_bytes()).await?;
        }
        Incoming::Answer { number, body } => {
            answer_phone(link, waiting, number, body).await?;
        }
        Incoming::Query(query) => {
            if let Some(desk) = &link.codes {
                desk.take(query);
                return Ok(false);
            }
        }
        Incoming::Ignored => {
            let (from, to) = (&link.settings.domain, &link.settings.server);
            let number = masked(&waiting.sender);
            let told = stanzas::ignored(waiting.id, from, to, &number, &waiting.modem);
            writer.write(told.as_bytes()).await?;
        }
    }
    Ok(true)
}

/// Told twice after a broken line it is still one text: its name is the question's.
async fn answer_phone(link: &Link, waiting: &Waiting, number: String, body: String) -> Result<(), LinkError> {
    let order = Order {
        origin: "gateway".to_owned(),
        reply_to: String::new(),
        origin_id: format!("answer-{}", waiting.id),
        recipient: String::new(),
        number,
        body,
        is_flash: false,
        wanted: Some(waiting.modem.clone()),
    };
    link.outbox.take(order).await.map(|_| ()).map_err(LinkError::Store)
}
