//! What all measurements share: the options, one certificate for every server, and the clients' keys.

use std::path::{Path, PathBuf};

use anyhow::Context;
use posthouse_tests::server_process::ServerProcess;

use crate::client::{Connector, Line};
use crate::options::Options;
use crate::people::Person;
use crate::relay::sit_down;
use crate::scram::KeyRing;
use crate::servers::{Kind, Server};
use crate::sign_in::sign_in;

const CERTIFICATE_FILES: [&str; 4] = ["ca.pem", "ca-key.pem", "certificate.pem", "key.pem"];

/// The surroundings.
pub(crate) struct House {
    options: Options,
    /// A server that never runs; its `init` has made the certificate of all.
    pattern: ServerProcess,
    connector: Connector,
    keys: KeyRing,
}

impl House {
    /// Makes the certificate.
    pub(crate) async fn open(options: Options) -> anyhow::Result<Self> {
        let pattern = ServerProcess::prepare().await?;
        let connector = Connector::trusting(&pattern.data().join("ca.pem"))?;
        Ok(Self { options, pattern, connector, keys: KeyRing::default() })
    }

    /// What was asked for.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The relay, our server, and the peers that are not left out.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        [Kind::Relay, Kind::Posthouse].into_iter().chain(self.options.peers()).collect()
    }

    /// Everybody's certificate chain.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.pattern.data().join("certificate.pem")
    }

    /// Everybody's key.
    pub(crate) fn key(&self) -> PathBuf {
        self.pattern.data().join("key.pem")
    }

    /// Gives a data folder of our server the certificate of all.
    pub(crate) fn share_certificate(&self, data: &Path) -> anyhow::Result<()> {
        for name in CERTIFICATE_FILES {
            std::fs::copy(self.pattern.data().join(name), data.join(name)).context(name)?;
        }
        Ok(())
    }

    /// Connects and shakes hands.
    pub(crate) async fn connect(&self, server: &Server) -> anyhow::Result<Line> {
        self.connector.open(server.address).await
    }

    /// A session: signed in, or at its place in the relay.
    pub(crate) async fn enter(&self, server: &Server, person: Person) -> anyhow::Result<Line> {
        let mut line = self.connect(server).await?;
        match server.kind {
            Kind::Relay => sit_down(&mut line, person.0).await?,
            Kind::Posthouse | Kind::Prosody | Kind::Ejabberd => {
                sign_in(&mut line, person, &self.keys).await?;
            }
        }
        Ok(line)
    }
}
