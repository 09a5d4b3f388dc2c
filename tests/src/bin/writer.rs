//! Somebody who writes without pause until the process is killed: each text is said on standard output once it
//! is queued. `writer FOLDER SERVER FINGERPRINT ID PASSWORD TO PREFIX`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use posthouse_engine::clock::Clock;
use posthouse_engine::engine::{Engine, EngineSetup};
use posthouse_engine::model::SignIn;
use posthouse_tests::people::{SceneKeyring, address};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().context("FOLDER SERVER FINGERPRINT ID PASSWORD TO PREFIX");
    let setup = EngineSetup {
        data_folder: PathBuf::from(word()?),
        secrets: Arc::new(SceneKeyring::default()),
        clock: Clock::system(),
    };
    let (engine, mut events) = Engine::open(setup)?;
    // Nobody looks at the events.
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    let (server, fingerprint, login, password) = (word()?, word()?, word()?, word()?);
    let (to, prefix) = (address(&word()?), word()?);
    let form = SignIn { server, login, password, remember: false, accept_fingerprint: Some(fingerprint) };
    engine.sign_in(form).await?;
    let mut output = std::io::stdout();
    for number in 0_u64.. {
        let text = format!("{prefix}第 {number} 条");
        engine.send_message(&to, &text).await?;
        writeln!(output, "{text}")?;
        output.flush()?;
    }
    Ok(())
}
