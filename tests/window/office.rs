//! The office of these scenes: a server with a few people, and windows that are signed in.

use posthouse_tests::desktop::{Desktop, Window};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "Zhengque-2026!";
/// A colleague: ID and name.
pub(crate) const ALICE: (&str, &str) = ("chen.jing", "陈静");
/// Another colleague.
pub(crate) const BOB: (&str, &str) = ("wang.lei", "王磊");

/// A server with Alice and Bob in one department.
pub(crate) async fn open() -> anyhow::Result<ServerProcess> {
    let server = ServerProcess::start().await?;
    for (id, name) in [ALICE, BOB] {
        server.add_person(id, name, "总部/财务部", PASSWORD).await?;
    }
    Ok(server)
}

/// Bare address of a person of this office.
pub(crate) fn address(person: (&str, &str)) -> String {
    format!("{}@{DOMAIN}", person.0)
}

/// A window that signs in by itself.
pub(crate) async fn signed_in(
    server: &ServerProcess,
    desktop: &Desktop,
    person: (&str, &str),
) -> anyhow::Result<Window> {
    signed_in_with(server, desktop, person, &[]).await
}

/// The same, with more on its command line.
pub(crate) async fn signed_in_with(
    server: &ServerProcess,
    desktop: &Desktop,
    person: (&str, &str),
    more: &[&str],
) -> anyhow::Result<Window> {
    let password = desktop.write_file("password", PASSWORD)?;
    let password = password.to_string_lossy();
    let (address, fingerprint) = (server.address()?, server.fingerprint()?);
    let arguments = [
        "--server",
        address.as_str(),
        "--login",
        person.0,
        "--password-file",
        &password,
        "--accept-fingerprint",
        fingerprint.as_str(),
    ];
    let window = desktop.open_app(&[&arguments, more].concat()).await?;
    window.is_online().await?;
    Ok(window)
}
