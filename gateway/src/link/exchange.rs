//! A connected link at work. What we tell is followed by a ping: the server handles a component's stanzas in
//! their order, so its answer says that it has all before. Only then is anything noted as told.

use std::time::Duration;

use posthouse_protocol::wire::{Frame, StanzaKind};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::lookups::Lookups;
use super::presence::Followers;
use super::stream::{LinkError, Reader, Writer};
use super::{Link, receive, stanzas, tell};

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

pub(super) async fn run(link: &Link, mut reader: Reader, mut writer: Writer) -> Result<(), LinkError> {
    let (mut changed, mut arrived) = (link.outbox.changed(), link.inbox.arrived());
    let mut asked: Option<Asked> = None;
    let mut lookups = Lookups::default();
    let mut followers = Followers::default();
    let mut look = tokio::time::interval(LOOK);
    let mut count = 0_u64;
    let mut quiet_until = Instant::now() + QUIET;
    loop {
        if asked.is_none() {
            let news = tell::tell(link, &mut lookups, &mut writer).await?;
            if !news.is_empty() || Instant::now() >= quiet_until {
                count += 1;
                let ping = format!("ping-{count}");
                let stanza = stanzas::ping(&ping, &link.settings.domain, &link.settings.server);
                writer.write(stanza.as_bytes()).await?;
                asked = Some(Asked { ping, news, until: Instant::now() + PATIENCE });
            }
        }
        let deadline = asked.as_ref().map_or(quiet_until, |asked| asked.until);
        tokio::select! {
            frame = reader.frame() => {
                let frame = frame?;
                quiet_until = Instant::now() + QUIET;
                match asked.take_if(|asked| is_answer(&frame, &asked.ping)) {
                    Some(asked) => tell::settle(link, asked.news).await?,
                    None => heed(link, &frame, &mut lookups, &mut followers, &mut writer).await?,
                }
            }
            _ = look.tick() => followers.tell(link, &mut writer).await?,
            () = news(&mut changed, &mut arrived), if asked.is_none() => {}
            () = sleep_until(deadline) => {
                if asked.is_some() {
                    return Err(LinkError::Silent);
                }
            }
        }
    }
}

/// An answer about a text, or something that the server wants.
async fn heed(
    link: &Link,
    frame: &Frame,
    lookups: &mut Lookups,
    followers: &mut Followers,
    writer: &mut Writer,
) -> Result<(), LinkError> {
    if lookups.take(frame)? { Ok(()) } else { receive::heed(link, frame, followers, writer).await }
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
