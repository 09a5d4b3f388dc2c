//! From a fresh connection to a session of XMPP: SCRAM, resource, presence.

use anyhow::Context;
use posthouse_tests::server_process::DOMAIN;

use crate::client::Line;
use crate::people::{PASSWORD, Person};
use crate::scram::{First, KeyRing};

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// Signs in and binds a resource.
pub(crate) async fn sign_in(line: &mut Line, person: Person, keys: &KeyRing) -> anyhow::Result<()> {
    authenticate(line, person, keys).await.with_context(|| format!("{} cannot sign in", person.login()))
}

async fn authenticate(line: &mut Line, person: Person, keys: &KeyRing) -> anyhow::Result<()> {
    let header = format!(
        "<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams'>"
    );
    line.write(header.as_bytes()).await?;
    line.read_until(b"</stream:features>").await?;
    let first = First::new(&person.login(), &nonce()?);
    let auth = format!("<auth xmlns='{SASL}' mechanism='SCRAM-SHA-256'>{}</auth>", first.message());
    line.write(auth.as_bytes()).await?;
    let challenge = text_of(&line.read_until(b"</challenge>").await?)?;
    let answer = first.answer(&challenge, PASSWORD, keys)?;
    line.write(format!("<response xmlns='{SASL}'>{answer}</response>").as_bytes()).await?;
    line.read_until(b"</success>").await?;
    line.write(header.as_bytes()).await?;
    line.read_until(b"</stream:features>").await?;
    line.write(
        b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
          <resource>load</resource></bind></iq>",
    )
    .await?;
    let bound = line.read_until(b"</iq>").await?;
    anyhow::ensure!(memchr::memmem::find(&bound, b"</jid>").is_some(), "no resource was bound");
    Ok(())
}

/// Asks for the roster, as standard clients do, and becomes available; waits until the server has done both.
pub(crate) async fn appear(line: &mut Line) -> anyhow::Result<()> {
    line.write(
        format!(
            "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>\
             <iq type='get' id='there' to='{DOMAIN}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        )
        .as_bytes(),
    )
    .await?;
    let answered = line.read_until(b"there").await;
    answered.context("the server does not answer after presence")?;
    line.read_until(b"</iq>").await.map(|_| ())
}

/// Says good-bye and waits for the server's.
pub(crate) async fn sign_out(mut line: Line) -> anyhow::Result<()> {
    line.write(b"</stream:stream>").await?;
    line.close().await
}

fn nonce() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 12];
    aws_lc_rs::rand::fill(&mut bytes).context("the system gives no randomness")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The text of the last element.
fn text_of(bytes: &[u8]) -> anyhow::Result<String> {
    let text = std::str::from_utf8(bytes).context("the server's answer is no text")?;
    let inside = text.rsplit_once("</").and_then(|(before, _)| before.rsplit_once('>'));
    Ok(inside.context("the server's answer has no text")?.1.to_owned())
}
