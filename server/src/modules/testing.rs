//! A small organisation and its clients, for the scenes of the modules.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use jid::{BareJid, Jid};
use posthouse_protocol::organization::{Department, Gender, Person, PersonStatus, Post};
use posthouse_protocol::wire::Frame;
use tokio::sync::mpsc;

use crate::clock::Timestamp;
use crate::organization::directory::{Directory, Stock};
use crate::organization::visibility::VisibilityRules;
use crate::routing::accounts::Blocking;
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::{Outgoing, Session, SessionId};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::StanzaError;

/// The domain of all scenes.
pub(crate) const DOMAIN: &str = "example.org";

/// The address of somebody.
pub(crate) fn jid(name: &str) -> BareJid {
    format!("{name}@{DOMAIN}").parse().unwrap()
}

/// Everybody hears everybody.
#[derive(Debug)]
pub(crate) struct NobodyBlocked;

impl Blocking for NobodyBlocked {
    fn has_blocked(&self, _: &BareJid, _: &Jid) -> bool {
        false
    }

    fn are_apart(&self, _: &BareJid, _: &BareJid) -> bool {
        false
    }
}

/// A department.
pub(crate) fn department(id: &str, parent: Option<&str>, name: &str) -> Department {
    Department {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
        ..Department::default()
    }
}

/// Somebody with a post in each of these departments.
pub(crate) fn person(id: &str, name: &str, pinyin: &str, departments: &[&str]) -> Person {
    let post = |department: &&str| Post {
        department: (*department).to_owned(),
        title: Some("会计".to_owned()),
        ..Post::default()
    };
    Person {
        id: id.to_owned(),
        jid: jid(id),
        name: name.to_owned(),
        gender: Gender::Unspecified,
        birth: None,
        avatar: None,
        mobile: Some("+8613800001234".to_owned()),
        email: Some(format!("{id}@mail.example.org")),
        priority: 0,
        status: PersonStatus::Active,
        pinyin: Some(pinyin.to_owned()),
        phones: vec!["010-87654321".to_owned()],
        posts: departments.iter().map(post).collect(),
    }
}

/// 总部 with 财务部 (zhang.san, li.si) and 技术部 (wang.wu, and li.si again).
pub(crate) fn stock() -> Stock {
    Stock {
        epoch: "one".to_owned(),
        version: 10,
        floor: 10,
        departments: vec![
            department("1", None, "总部"),
            department("2", Some("1"), "财务部"),
            department("3", Some("1"), "技术部"),
        ],
        people: vec![
            person("zhang.san", "张三", "zhang san", &["2"]),
            person("li.si", "李四", "li si", &["2", "3"]),
            person("wang.wu", "王五", "wang wu", &["3"]),
        ],
        log: Vec::new(),
    }
}

/// The organisation of [`stock`].
pub(crate) fn company(rules: VisibilityRules) -> Arc<Directory> {
    Arc::new(Directory::new(stock(), rules))
}

/// A client and what the server has sent it.
pub(crate) struct Client {
    pub(crate) session: Session,
    outbox: mpsc::Receiver<Outgoing>,
}

impl Client {
    /// A client of that full address.
    pub(crate) fn new(account: &str, resource: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (sender, outbox) = mpsc::channel(1_000);
        let full = jid(account).with_resource_str(resource).unwrap();
        let id = SessionId(NEXT.fetch_add(1, Ordering::Relaxed));
        Self { session: Session::new(id, full, sender), outbox }
    }

    /// Everything that lies in the outbox.
    pub(crate) fn received(&mut self) -> Vec<String> {
        let mut received = Vec::new();
        while let Ok(outgoing) = self.outbox.try_recv() {
            received.push(String::from_utf8(outgoing.bytes.to_vec()).unwrap());
        }
        received
    }

    /// Waits for the next stanza.
    pub(crate) async fn next(&mut self) -> String {
        let outgoing = self.outbox.recv().await.unwrap();
        String::from_utf8(outgoing.bytes.to_vec()).unwrap()
    }

    /// Asks a handler; the payload of the answer comes back as text.
    pub(crate) async fn ask(
        &self,
        handler: &dyn IqHandler,
        target: IqTarget,
        kind: &str,
        payload: &str,
    ) -> Result<String, StanzaError> {
        let from = Jid::from(self.session.jid().clone());
        let text = format!("<iq type='{kind}' id='7'>{payload}</iq>");
        let frame = Frame::parse(Bytes::from(text)).unwrap();
        let payload = frame.children().next().unwrap();
        let request = IqRequest {
            session: Some(&self.session),
            from: &from,
            target: &target,
            is_set: kind == "set",
            frame: &frame,
            payload,
        };
        match handler.handle(request).await? {
            IqAnswer::Payload(payload) => Ok(String::from_utf8(payload).unwrap()),
            IqAnswer::Empty | IqAnswer::Answered => Ok(String::new()),
        }
    }

    /// A stanza of this client on its way.
    pub(crate) fn passage(&self, stanza: &str) -> Passage {
        let frame = Frame::parse(Bytes::from(stanza.to_owned())).unwrap();
        let frame = frame.edit().from(Some(self.session.jid().as_str())).finish();
        let to = frame.to().map(|to| Jid::new(&to).unwrap());
        let to = to.unwrap_or_else(|| Jid::from(self.session.bare().clone()));
        let from = Jid::from(self.session.jid().clone());
        Passage::new(frame, Origin::Session(self.session.clone()), from, to, Timestamp::default())
    }
}
