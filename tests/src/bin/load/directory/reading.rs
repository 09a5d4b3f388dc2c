//! Reads the directory as docs/org-directory.md says: page after page.

use anyhow::Context;
use posthouse_tests::server_process::DOMAIN;

use crate::client::Line;

/// What a client has to say to get only what has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    version: String,
    view: String,
}

/// Asks for everything, or for what has changed; answers with what is known now, and the pages.
pub(crate) async fn read_directory(
    line: &mut Line,
    known: Option<&Known>,
) -> anyhow::Result<(Known, Vec<Vec<u8>>)> {
    let since = known.map(|known| format!(" ver='{}' view='{}'", known.version, known.view));
    let since = since.unwrap_or_default();
    let (mut pages, mut after) = (Vec::new(), String::new());
    loop {
        let query = format!(
            "<iq type='get' id='directory' to='{DOMAIN}'>\
             <query xmlns='urn:posthouse:org:1' max='500'{since}{after}/></iq>"
        );
        line.write(query.as_bytes()).await?;
        let page = line.read_until(b"</iq>").await?;
        let text = String::from_utf8_lossy(&page);
        let tag = text.split_once("<entries ").and_then(|(_, rest)| rest.split('>').next());
        let tag = tag.with_context(|| format!("no page: {}", text.chars().take(300).collect::<String>()))?;
        let version = value_of(tag, "ver").context("a page without version")?;
        let view = value_of(tag, "view").context("a page without view")?;
        let next = value_of(tag, "next");
        drop(text);
        pages.push(page);
        let Some(next) = next else { return Ok((Known { version, view }, pages)) };
        after = format!(" after='{next}'");
    }
}

/// An attribute's value, as it is written in the inside of a start tag.
pub(crate) fn value_of(tag: &str, name: &str) -> Option<String> {
    let padded = format!(" {tag}");
    let (_, rest) = padded.split_once(&format!(" {name}="))?;
    let quote = rest.chars().next()?;
    rest.split(quote).nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_whatever_its_quotes() {
        assert_eq!(value_of("xmlns='x' ver=\"20\" view='8d'", "ver").as_deref(), Some("20"));
        assert_eq!(value_of("xmlns='x' ver='20' view='8d'", "view").as_deref(), Some("8d"));
        assert_eq!(value_of("xmlns='x' ver='20'", "next"), None);
    }
}
