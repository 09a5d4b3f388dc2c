//! gammu-smsd with files: one process for each modem, tuned as well as its settings allow.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::script::Script;
use crate::yard::Yard;

const SPOOLS: [&str; 4] = ["inbox", "outbox", "sent", "error"];

pub(crate) struct Gammu {
    daemons: Vec<Child>,
    folders: Vec<PathBuf>,
    ordered: usize,
    pub(crate) script: Script,
}

impl Gammu {
    pub(crate) fn start(yard: &Yard) -> anyhow::Result<Self> {
        let script = Script::write(yard.folder(), "")?;
        let (mut daemons, mut folders) = (Vec::new(), Vec::new());
        for modem in &yard.modems {
            let folder = yard.folder().join(format!("gammu-{}", modem.name()));
            std::fs::create_dir(&folder)?;
            let mut settings = format!(
                "[gammu]\ndevice = {}\nconnection = at115200\n\n[smsd]\nservice = files\ndebuglevel = 0\n\
                 logfile = {}\nCommTimeout = 1\nLoopSleep = 0\nReceiveFrequency = 0\nRunOnReceive = {}\n",
                modem.port(),
                folder.join("log").display(),
                script.program.display()
            );
            for spool in SPOOLS {
                std::fs::create_dir(folder.join(spool))?;
                let key = match spool {
                    "sent" => "sentsmspath",
                    "error" => "errorsmspath",
                    "inbox" => "inboxpath",
                    _ => "outboxpath",
                };
                settings.push_str(&format!("{key} = {}/\n", folder.join(spool).display()));
            }
            std::fs::write(folder.join("smsdrc"), settings)?;
            daemons.push(
                Command::new("gammu-smsd")
                    .arg("-c")
                    .arg(folder.join("smsdrc"))
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .kill_on_drop(true)
                    .spawn()?,
            );
            folders.push(folder);
        }
        Ok(Self { daemons, folders, ordered: 0, script })
    }

    pub(crate) fn order(&mut self, each: usize) -> anyhow::Result<()> {
        for folder in &self.folders {
            for _ in 0..each {
                self.ordered = self.ordered.saturating_add(1);
                let number = self.ordered;
                let name = format!("OUTA20260101_000000_00_+8613{number:09}_{number:06}.txt");
                let file = folder.join(&name);
                std::fs::write(&file, format!("text {number}"))?;
                std::fs::rename(&file, folder.join("outbox").join(name))?;
            }
        }
        Ok(())
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        self.daemons.iter().filter_map(Child::id).collect()
    }
}
