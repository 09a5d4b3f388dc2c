//! What the server is told: texts from phones, and how far texts to phones are.

use super::stream::{LinkError, Writer};
use super::{Link, stanzas};
use crate::conversation::Incoming;
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
pub(super) async fn tell(link: &Link, writer: &mut Writer) -> Result<News, LinkError> {
    let mut news = News::default();
    for row in link.outbox.untold().await.map_err(LinkError::Store)? {
        state(&row, writer).await?;
        news.states.push((row.id, row.state));
    }
    for waiting in link.inbox.unhanded().await.map_err(LinkError::Store)? {
        if text(link, &waiting, writer).await? {
            news.texts.push(waiting.id);
        }
    }
    Ok(news)
}

/// Notes that the server has it.
pub(super) async fn settle(link: &Link, news: News) -> Result<(), LinkError> {
    for (text, state) in news.states {
        link.outbox.told(text, state).await.map_err(LinkError::Store)?;
    }
    for text in news.texts {
        link.inbox.is_handed(text).await.map_err(LinkError::Store)?;
    }
    Ok(())
}

/// Answers of the gateway itself have no sender who would want to know.
async fn state(row: &TextRow, writer: &mut Writer) -> Result<(), LinkError> {
    if row.origin.contains('@') {
        writer.write(stanzas::state(row).as_bytes()).await?;
    }
    Ok(())
}

/// False when somebody else will note that it is handled.
async fn text(link: &Link, waiting: &Waiting, writer: &mut Writer) -> Result<bool, LinkError> {
    match link.conversations.incoming(waiting).await.map_err(LinkError::Store)? {
        Incoming::Chat { from, to, body } => {
            writer.write(stanzas::text(waiting, &from, &to, &body).as_bytes()).await?;
        }
        Incoming::Answer { number, body } => {
            // Told twice after a broken line it is still one text: its name is the question's.
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
            link.outbox.take(order).await.map_err(LinkError::Store)?;
        }
        Incoming::Query(query) => {
            if let Some(desk) = &link.codes {
                desk.take(query);
                return Ok(false);
            }
        }
        Incoming::Ignored => {}
    }
    Ok(true)
}
