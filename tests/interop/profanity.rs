//! Scenes with profanity, a client for the terminal.

use std::path::Path;

use posthouse_tests::people::PASSWORD;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

use crate::house;
use crate::pictures;
use crate::terminal::Terminal;

/// Somebody's profanity.
pub(crate) struct Profanity(pub(crate) Terminal);

impl Profanity {
    /// Opens it and signs in; the server's authority is trusted as OpenSSL is told to.
    ///
    /// # Errors
    /// It is missing, or does not get in.
    pub(crate) async fn sign_in(server: &ServerProcess, person: &str) -> anyhow::Result<Self> {
        let profanity = Self::knock(server, person, &server.authority()).await?;
        profanity.0.shows("that it is online", |screen| screen.contains("logged in successfully")).await?;
        Ok(profanity)
    }

    /// Opens it and gives the password; whose certificates are good stands in `authorities`.
    async fn knock(server: &ServerProcess, person: &str, authorities: &Path) -> anyhow::Result<Self> {
        let terminal = Terminal::open("profanity", &[("SSL_CERT_FILE", authorities)]).await?;
        terminal.shows("its first words", |screen| screen.contains("Type '/help'")).await?;
        let door = server.address_of("starttls")?;
        let (host, port) = door.rsplit_once(':').unwrap_or((&door, "5222"));
        terminal.enter(&format!("/connect {person}@{DOMAIN} server {host} port {port} tls force")).await?;
        terminal.shows("the question for the password", |screen| screen.contains("Enter password:")).await?;
        terminal.enter(PASSWORD).await?;
        Ok(Self(terminal))
    }

    /// Writes to a colleague.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) async fn write(&self, person: &str, words: &str) -> anyhow::Result<()> {
        self.0.enter(&format!("/msg {person}@{DOMAIN} {words}")).await
    }

    /// Opens the conversation with a colleague and waits for these words of the colleague's in it.
    ///
    /// # Errors
    /// They do not come.
    pub(crate) async fn reads(&self, person: &str, words: &str) -> anyhow::Result<String> {
        self.0.enter(&format!("/msg {person}@{DOMAIN}")).await?;
        self.0.shows(words, |screen| screen.contains(words)).await
    }
}

/// Whether the panel of colleagues has that name under that heading.
pub(crate) fn stands_under(screen: &str, heading: &str, name: &str) -> bool {
    screen
        .lines()
        .skip_while(|line| !line.contains(heading))
        .skip(1)
        .take_while(|line| !line.trim_end().ends_with(')'))
        .any(|line| line.contains(name))
}

#[tokio::test]
#[ignore = "needs profanity: cargo xtask interop"]
async fn profanity_shows_the_colleagues_and_how_they_are() {
    let server = house::open().await.unwrap();
    let li_na = Profanity::sign_in(&server, "li.na").await.unwrap();
    let all = ["王伟", "赵敏", "陈洁"];
    let everybody = |screen: &str| {
        all.iter().all(|name| stands_under(screen, "Offline", name)) && !screen.contains("李娜")
    };
    li_na.0.shows("all colleagues", everybody).await.unwrap();

    let wang_wei = Profanity::sign_in(&server, "wang.wei").await.unwrap();
    let is_online = |screen: &str| stands_under(screen, "Online", "王伟");
    li_na.0.shows("that a colleague is there", is_online).await.unwrap();
    wang_wei
        .0
        .shows("that a colleague is there", |screen| stands_under(screen, "Online", "李娜"))
        .await
        .unwrap();

    wang_wei.0.enter("/status set away 开会").await.unwrap();
    let is_away = |screen: &str| stands_under(screen, "Away", "王伟");
    li_na.0.shows("that the colleague is away", is_away).await.unwrap();
    li_na.0.enter("/roster group show 总部::研发部").await.unwrap();
    let group = |screen: &str| screen.lines().any(|line| line.contains("wang.wei@"));
    let screen = li_na.0.shows("the people of a department", group).await.unwrap();
    pictures::keep("profanity-colleagues.txt", screen.as_bytes()).unwrap();

    wang_wei.0.enter("/quit").await.unwrap();
    let is_gone = |screen: &str| stands_under(screen, "Offline", "王伟");
    li_na.0.shows("that the colleague is gone", is_gone).await.unwrap();
}

#[tokio::test]
#[ignore = "needs profanity: cargo xtask interop"]
async fn profanity_writes_and_is_written_to() {
    let server = house::open().await.unwrap();
    let li_na = Profanity::sign_in(&server, "li.na").await.unwrap();
    let wang_wei = Profanity::sign_in(&server, "wang.wei").await.unwrap();
    li_na.write("wang.wei", "你好，三点开会").await.unwrap();
    wang_wei.reads("li.na", "你好，三点开会").await.unwrap();
    wang_wei.0.enter("收到 👍").await.unwrap();
    let screen = li_na.0.shows("the answer", |screen| screen.contains("收到 👍")).await.unwrap();
    pictures::keep("profanity-conversation.txt", screen.as_bytes()).unwrap();
}

#[tokio::test]
#[ignore = "needs profanity: cargo xtask interop"]
async fn profanity_finds_what_came_while_it_was_away() {
    let server = house::open().await.unwrap();
    let li_na = Profanity::sign_in(&server, "li.na").await.unwrap();
    for number in ["一", "二", "三"] {
        li_na.write("zhao.min", &format!("离线第{number}条")).await.unwrap();
    }
    li_na.0.shows("its own words", |screen| screen.contains("离线第三条")).await.unwrap();
    let zhao_min = Profanity::sign_in(&server, "zhao.min").await.unwrap();
    let screen = zhao_min.reads("li.na", "离线第三条").await.unwrap();
    pictures::keep("profanity-offline.txt", screen.as_bytes()).unwrap();
    let places: Vec<_> = ["一", "二", "三"].map(|number| screen.find(&format!("离线第{number}条"))).into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "in order:\n{screen}");
    assert_eq!(screen.matches("离线第").count(), 3, "each once:\n{screen}");
}

#[tokio::test]
#[ignore = "needs profanity: cargo xtask interop"]
async fn profanity_asks_before_it_trusts_an_authority_it_does_not_know() {
    let server = house::open().await.unwrap();
    let nobody = Path::new("/dev/null");
    let stranger = Profanity::knock(&server, "li.na", nobody).await.unwrap();
    let asks = |screen: &str| screen.contains("TLS certificate verification failed");
    let screen = stranger.0.shows("a warning", asks).await.unwrap();
    assert!(!screen.contains("logged in successfully"), "{screen}");
}
