//! What our app does at its start, as far as the server notices: asks what has changed in the directory, becomes
//! available, watches what is on its screen.

use std::collections::HashMap;

use anyhow::Context;
use posthouse_tests::server_process::DOMAIN;

use crate::client::Line;
use crate::directory::reading::{Known, read_directory, value_of};
use crate::house::House;
use crate::people::Person;
use crate::servers::Server;
use crate::sign_in::sign_out;

/// Rows of people on a screen.
const ON_SCREEN: usize = 30;

/// What the app has from its last start.
#[derive(Debug)]
pub(super) struct App {
    known: Known,
    departments: HashMap<String, String>,
}

impl App {
    /// The first start of all: reads the whole directory.
    pub(super) async fn install(server: &Server, house: &House) -> anyhow::Result<Self> {
        let mut line = house.enter(server, Person(0)).await?;
        let (known, pages) = read_directory(&mut line, None).await?;
        sign_out(line).await?;
        let mut departments = HashMap::new();
        for page in &pages {
            departments.extend(departments_in(page));
        }
        Ok(Self { known, departments })
    }

    /// A start like any other.
    pub(super) async fn start(&self, line: &mut Line, person: Person, people: usize) -> anyhow::Result<()> {
        let (_, pages) = read_directory(line, Some(&self.known)).await?;
        anyhow::ensure!(pages.len() == 1, "the directory has changed");
        let mut watch = String::from("<watch xmlns='urn:posthouse:presence:1'>");
        for name in ["Company".to_owned(), format!("Team {}", person.department())] {
            let id = self.departments.get(&name).with_context(|| format!("there is no {name}"))?;
            watch.push_str(&format!("<department id='{id}'/>"));
        }
        for colleague in person.colleagues(people).take(ON_SCREEN) {
            watch.push_str(&format!("<person jid='{}'/>", colleague.address()));
        }
        let start = format!("<presence/><iq type='set' id='watch' to='{DOMAIN}'>{watch}</watch></iq>");
        line.write(start.as_bytes()).await?;
        line.read_until(b"</state></iq>").await.map(|_| ())
    }
}

/// Names and ids.
fn departments_in(page: &[u8]) -> Vec<(String, String)> {
    let page = String::from_utf8_lossy(page);
    let tags = page.split("<department ").skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter_map(|tag| Some((value_of(tag, "name")?, value_of(tag, "id")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_are_found_whatever_the_quotes() {
        let page = b"<entries><department id='1' name='Company'/>\
                     <department id=\"7\" parent='1' name=\"Team 3\" priority='0'/></entries>";
        let found = departments_in(page);
        assert_eq!(found, [("Company".into(), "1".into()), ("Team 3".into(), "7".into())]);
    }
}
