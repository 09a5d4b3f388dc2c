//! This very program, once more, as the relay.

use anyhow::Context;
use posthouse_tests::daemon::Daemon;
use tokio::process::Command;

use super::launch::Launched;
use super::{Keeper, Kind, Server, launch};
use crate::house::House;
use crate::process::Process;
use crate::relay::COMMAND;

pub(super) async fn start(house: &House) -> anyhow::Result<Server> {
    let own = std::env::current_exe().context("this program does not know where it is")?;
    let mut command = Command::new(own);
    command.arg(COMMAND).arg(house.certificate()).arg(house.key());
    let (daemon, address) = Daemon::start_and_listen(&mut command).await?;
    let process = Process(daemon.id().context("the relay has ended")?);
    let keeper = Keeper::Other(Box::new(Launched::of(daemon, launch::folder(Kind::Relay)?)));
    Ok(Server { kind: Kind::Relay, address: address.parse().context(address)?, process, keeper })
}
