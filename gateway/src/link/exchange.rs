//! A connected link at work. What we tell is followed by a ping: the server handles a component's stanzas in
//! their order, so its answer says that it has all before. Only then is anything noted as told.

use std::time::Duration;

use posthouse_protocol::wire::{Frame, StanzaKind};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::hearings::Hearings;
use super::lookups::Lookups;
use super::presence::Followers;
use super::questions::Questions;
use super::stream::{LinkError, Reader, Writer};
use super::{Link, questions, receive, stanzas, tell};

/// How long the server may take to answer a ping.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a quiet server is asked whether it is there.
const QUIET: Duration = Duration::from_secs(60);

/// How often the modems are looked at for those who follow the gateway's presence.
const LOOK: Duration = Duration::from_secs(1);

/// What the server has when it answers this ping.
struct Asked {
    ping: String,
    news: tell::News,
    until: Instant,
}

/// What was asked over this line, and who follows it.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) lookups: Lookups,
    pub(super) hearings: Hearings,
    pub(super) questions: Questions,
    pub(super) followers: Followers,
}

pub(super) async fn run(link: &Link, mut reader: Reader, mut writer: Writer) -> Result<(), LinkError> {
    let (mut changed, mut arrived) = (link.outbox.changed(), link.inbox.arrived());
    let mut asked: Option<Asked> = None;
    let mut heard = Heard::default();
    let mut answers = link.answers.receiver().await;
    heard.questions.resume(link, &mut writer).await?;
    let mut look = tokio::time::interval(LOOK);
    let mut count = 0_u64;
    let mut quiet_until = Instant::now() + QUIET;
    loop {
        if asked.is_none() {
            count += 1;
            asked = tell_all(link, count, quiet_until, &mut heard, &mut writer).await?;
        }
        let deadline = asked.as_ref().map_or(quiet_until, |asked| asked.until);
        tokio::select! {
            frame = reader.frame() => {
                quiet_until = Instant::now() + QUIET;
                listen(link, &frame?, &mut asked, &mut heard, &mut writer).await?;
            }
            Some(answer) = answers.recv() => questions::deliver(link, answer, &mut writer).await?,
            _ = look.tick() => heard.followers.tell(link, &mut writer).await?,
            () = news(&mut changed, &mut arrived), if asked.is_none() => {}
            () = sleep_until(deadline) => is_there(asked.as_ref())?,
        }
    }
}

/// The time is over: for an answer, or only for silence.
fn is_there(asked: Option<&Asked>) -> Result<(), LinkError> {
    if asked.is_some() { Err(LinkError::Silent) } else { Ok(()) }
}

/// Tells all there is, and asks the server whether it has it; a server that was quiet for long is asked as well.
async fn tell_all(
    link: &Link,
    count: u64,
    quiet_until: Instant,
    heard: &mut Heard,
    writer: &mut Writer,
) -> Result<Option<Asked>, LinkError> {
    let news = tell::tell(link, heard, writer).await?;
    if news.is_empty() && Instant::now() < quiet_until {
        return Ok(None);
    }
    let ping = format!("ping-{count}");
    let stanza = stanzas::ping(&ping, &link.settings.domain, &link.settings.server);
    writer.write(stanza.as_bytes()).await?;
    Ok(Some(Asked { ping, news, until: Instant::now() + PATIENCE }))
}

/// The answer to the ping, or something else.
async fn listen(
    link: &Link,
    frame: &Frame,
    asked: &mut Option<Asked>,
    heard: &mut Heard,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    match asked.take_if(|asked| is_answer(frame, &asked.ping)) {
        Some(asked) => tell::settle(link, asked.news).await,
        None => heed(link, frame, heard, writer).await,
    }
}

/// An answer about people, or something that the server wants.
async fn heed(link: &Link, frame: &Frame, heard: &mut Heard, writer: &mut Writer) -> Result<(), LinkError> {
    if heard.lookups.take(frame)?
        || heard.hearings.take(frame)?
        || heard.questions.take(link, frame, writer).await?
    {
        return Ok(());
    }
    receive::heed(link, frame, heard, writer).await
}

/// A text's state changed or a text came. Both senders live as long as the link.
async fn news(changed: &mut watch::Receiver<()>, arrived: &mut watch::Receiver<()>) {
    tokio::select! {
        _ = changed.changed() => {}
        _ = arrived.changed() => {}
    }
}

/// An error is an answer as well: it has passed the same way.
fn is_answer(frame: &Frame, ping: &str) -> bool {
    frame.kind() == StanzaKind::Iq
        && frame.id().as_deref() == Some(ping)
        && matches!(frame.type_().as_deref(), Some("result" | "error"))
}
