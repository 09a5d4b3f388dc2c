//! Ports that belong to one scene, also while the programs that listen at them start, end and start again.
//!
//! "Any free port" is only known once a program listens, and anybody may have it again as soon as that program
//! ends; an address that stands in settings beforehand, or that is found again after a kill, needs more.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context;

/// Below the ports that systems hand out by themselves (Linux from 32768, others from 49152).
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A port of this computer that no other scene gets while this lives.
#[derive(Debug)]
pub struct Port {
    number: u16,
    // The lock ends with the file.
    _held: File,
}

impl Port {
    /// Takes a port at which nobody listens.
    ///
    /// # Errors
    /// All are taken, or the folder of the locks cannot be written.
    pub fn take() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join("posthouse-ports");
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        // Programs that start at once begin at different places.
        let start = std::process::id().wrapping_mul(61);
        for step in 0..u32::from(COUNT) {
            let offset = start.wrapping_add(step) % u32::from(COUNT);
            let number = FIRST + u16::try_from(offset)?;
            let file = folder.join(number.to_string());
            let held = File::create(&file).with_context(|| file.display().to_string())?;
            if held.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Ok(Self { number, _held: held });
            }
        }
        anyhow::bail!("no port is free")
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The port at the loopback address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}
