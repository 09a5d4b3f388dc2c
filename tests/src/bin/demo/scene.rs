//! The scene without a display.

use posthouse_tests::server_process::ServerProcess;

use crate::Demo;

pub(crate) async fn play(_demo: &Demo, _server: &ServerProcess) -> anyhow::Result<()> {
    std::future::ready(Ok(())).await
}
