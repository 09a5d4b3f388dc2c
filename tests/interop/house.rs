//! The organisation of these scenes.

use anyhow::Context;
use posthouse_tests::people::PASSWORD;
use posthouse_tests::server_process::ServerProcess;

/// Departments within departments, a person with two posts, and the fields that cards show.
const SHEET: &str = "\
kind,department,id,name,title,priority,mobile,email
department,总部,,,,10,,
department,总部/财务部,,,,10,,
department,总部/财务部/出纳组,,,,10,,
department,总部/研发部,,,,20,,
person,总部/财务部,li.na,李娜,财务经理,10,13800000001,li.na@example.org
person,总部/研发部,wang.wei,王伟,工程师,20,13800000002,wang.wei@example.org
person,总部/财务部/出纳组,zhao.min,赵敏,出纳,10,13800000003,zhao.min@example.org
person,总部/研发部,zhao.min,赵敏,联络员,90,13800000003,zhao.min@example.org
person,总部/研发部,chen.jie,陈洁,架构师,10,13800000004,chen.jie@example.org
";

/// The component of a business system, and its secret.
pub(crate) const COMPONENT: &str = "oa.posthouse.test";
pub(crate) const SECRET: &str = "geheim";

/// A server on free ports with the organisation in it.
///
/// # Errors
/// The server does not start or does not take the organisation.
pub(crate) async fn open() -> anyhow::Result<ServerProcess> {
    open_with("").await
}

/// The same with these rules of who sees whom.
///
/// # Errors
/// The server does not start or does not take the organisation.
pub(crate) async fn open_with(visibility: &str) -> anyhow::Result<ServerProcess> {
    let mut server = ServerProcess::prepare().await?;
    server.add_visibility(visibility)?;
    server.run().await?;
    settle(&server).await?;
    Ok(server)
}

/// The same at the standard port of an address, for clients that cannot be told another one.
///
/// # Errors
/// The server does not start or does not take the organisation.
pub(crate) async fn open_at(host: &str) -> anyhow::Result<ServerProcess> {
    let mut server = ServerProcess::prepare().await?;
    server.configure(&[("starttls", &format!("[\"{host}:5222\"]"))])?;
    server.run().await?;
    settle(&server).await?;
    Ok(server)
}

/// The same with single sign-on into an office automation system.
///
/// # Errors
/// The server does not start or does not take the organisation or the system.
pub(crate) async fn open_with_a_business_system() -> anyhow::Result<ServerProcess> {
    let mut server = ServerProcess::prepare().await?;
    let port = server.take_port()?;
    let (https, issuer) = (format!("[\"127.0.0.1:{port}\"]"), format!("\"https://localhost:{port}\""));
    server.configure(&[("https", &https), ("issuer", &issuer)])?;
    server.run().await?;
    settle(&server).await?;
    let launch = "https://oa.example.org/";
    let words =
        ["relying-party", "add", "oa", "--name", "办公自动化", "--launch", launch, "--cas-service", launch];
    server.administer(&words, None).await?;
    Ok(server)
}

/// The same with the interface for business systems.
///
/// # Errors
/// The server does not start or does not take the organisation.
pub(crate) async fn open_for_business_systems() -> anyhow::Result<ServerProcess> {
    let mut server = ServerProcess::prepare().await?;
    server.configure(&[
        ("http", "[\"127.0.0.1:0\"]"),
        ("http_requests_per_second", "100000"),
        ("issuer", "\"https://chat.example.org:5281\""),
    ])?;
    server.add_settings(&format!("[[components]]\ndomain = \"{COMPONENT}\"\nsecret = \"{SECRET}\""))?;
    server.run().await?;
    settle(&server).await?;
    Ok(server)
}

pub(crate) async fn settle(server: &ServerProcess) -> anyhow::Result<()> {
    let sheet = tempfile::Builder::new().suffix(".csv").tempfile()?;
    std::fs::write(sheet.path(), with_passwords()).context("the sheet")?;
    server.import(sheet.path()).await?;
    Ok(())
}

fn with_passwords() -> String {
    SHEET
        .lines()
        .enumerate()
        .map(|(index, line)| {
            let password = match line.split(',').next() {
                _ if index == 0 => "password",
                Some("person") => PASSWORD,
                _ => "",
            };
            format!("{line},{password}\n")
        })
        .collect()
}
