//! smstools with files, tuned as well as its settings allow.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::script::Script;
use crate::yard::Yard;

const SPOOLS: [&str; 5] = ["outgoing", "checked", "incoming", "sent", "failed"];

pub(crate) struct Smstools {
    daemon: Child,
    folder: PathBuf,
    ordered: usize,
    pub(crate) script: Script,
}

impl Smstools {
    pub(crate) fn start(yard: &Yard) -> anyhow::Result<Self> {
        let folder = yard.folder().join("smstools");
        std::fs::create_dir(&folder)?;
        let script = Script::write(&folder, "[ \"$1\" = RECEIVED ] && ")?;
        let path = |name: &str| folder.join(name).display().to_string();
        let names: Vec<String> = (1..=yard.modems.len()).map(|number| format!("GSM{number}")).collect();
        let mut settings = format!(
            "devices = {}\ndelaytime = 1\ntrust_outgoing = yes\nignore_outgoing_priority = yes\nloglevel = 3\n\
             logfile = {}\ninfofile = {}\npidfile = {}\neventhandler = {}\n",
            names.join(","),
            path("log"),
            path("info"),
            path("pid"),
            script.program.display()
        );
        for spool in SPOOLS {
            std::fs::create_dir(folder.join(spool))?;
            settings.push_str(&format!("{spool} = {}\n", path(spool)));
        }
        for (name, modem) in names.iter().zip(&yard.modems) {
            let port = modem.port();
            settings.push_str(&format!(
                "[{name}]\ndevice = {port}\nincoming = yes\nbaudrate = 115200\nkeep_open = yes\n"
            ));
        }
        std::fs::write(folder.join("smsd.conf"), settings)?;
        let daemon = Command::new("smsd")
            .arg(format!("-c{}", path("smsd.conf")))
            .arg("-t")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { daemon, folder, ordered: 0, script })
    }

    pub(crate) fn order(&mut self, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.ordered = self.ordered.saturating_add(1);
            // A file that is still being written must not be seen.
            let file = self.folder.join(format!("text{}", self.ordered));
            std::fs::write(&file, format!("To: 8613{:09}\n\ntext {}\n", self.ordered, self.ordered))?;
            std::fs::rename(&file, self.folder.join("outgoing").join(format!("text{}", self.ordered)))?;
        }
        Ok(())
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        self.daemon.id().into_iter().collect()
    }
}

impl Drop for Smstools {
    fn drop(&mut self) {
        // Its children live on when only it is killed.
        for process in crate::family::of(&self.processes()) {
            let _ = std::process::Command::new("kill").args(["-9", &process.to_string()]).status();
        }
    }
}
