//! Replies find their conversation.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::{Colleague, Conversations, Found, Incoming, Letter, Numbering};
use crate::clock::{Clock, Moment};
use crate::query_codes::{Asker, QueriesConfig, Registry};
use crate::store::{Store, Waiting};

const PHONE: &str = "+8613800000001";
const ADDRESS: &str = "+8613800000001@sms.posthouse.test";

struct Scene {
    conversations: Conversations,
    _folder: tempfile::TempDir,
}

fn colleague(login: &str, name: &str) -> Colleague {
    Colleague { address: format!("{login}@posthouse.test"), name: name.to_owned() }
}

/// The organisation: only 王五 has a phone.
fn people() -> [Colleague; 3] {
    [colleague("zhang.san", "张三"), colleague("li.si", "李四"), colleague("wang.wu", "王五")]
}

fn scene(modems: &[&str]) -> Scene {
    let numbering = Numbering { domain: "sms.posthouse.test".to_owned(), country: "+86".to_owned() };
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("gateway.db")).unwrap();
    let clock = Arc::new(Clock::Fixed(AtomicI64::new(1_000_000)));
    let modems: Vec<String> = modems.iter().map(|modem| (*modem).to_owned()).collect();
    let conversations = Conversations::new(store, clock, numbering, Arc::new(move |_: &str| modems.clone()))
        .with_codes(Arc::new(codes()));
    Scene { conversations, _folder: folder }
}

/// One code.
fn codes() -> Registry {
    let code = "code = \"001\"\nurl = \"http://localhost/\"\nreply = \"x\"";
    Registry::open(&QueriesConfig::default(), &[toml::from_str(code).unwrap()]).unwrap()
}

impl Scene {
    async fn writes(&self, person: &str, body: &str) -> (String, Option<String>) {
        let writer = people().into_iter().find(|one| one.address.starts_with(person)).unwrap();
        let letter =
            Letter { writer, recipient: ADDRESS.to_owned(), number: PHONE.to_owned(), body: body.to_owned() };
        let outgoing = self.conversations.outgoing(letter).await.unwrap();
        (outgoing.body, outgoing.modem)
    }

    async fn answers(&self, sender: &str, modem: &str, body: &str) -> Incoming {
        let text = Waiting {
            id: 1,
            modem: modem.to_owned(),
            sender: sender.to_owned(),
            body: body.to_owned(),
            is_complete: true,
            sent: Moment(0),
        };
        let question = self.conversations.question(&text);
        let [.., wang] = people();
        let found = Found {
            owner: (question.number == "+8613900000009").then_some(wang),
            asker: Asker { person: "wang.wu".to_owned(), ..Asker::default() },
            named: people().into_iter().find(|one| question.begins.starts_with(&one.name)),
        };
        self.conversations.incoming(&text, &found).await.unwrap()
    }
}

fn chat(person: &str, body: &str) -> Incoming {
    Incoming::Chat { from: ADDRESS.to_owned(), to: format!("{person}@posthouse.test"), body: body.to_owned() }
}

#[tokio::test]
async fn with_a_modem_each_an_answer_needs_no_words() {
    let scene = scene(&["one", "two"]);
    let (first, own) = scene.writes("zhang.san", "在吗").await;
    assert_eq!((first.as_str(), own.as_deref()), ("张三：在吗\n（直接回复即可）", Some("one")));
    assert_eq!(scene.writes("zhang.san", "在吗").await.0, "张三：在吗");
    assert_eq!(scene.writes("li.si", "开会").await.1.as_deref(), Some("two"));
    assert_eq!(scene.answers(PHONE, "one", "在").await, chat("zhang.san", "在"));
    assert_eq!(scene.answers(PHONE, "two", "好").await, chat("li.si", "好"));
}

#[tokio::test]
async fn on_one_modem_a_short_number_says_whom_an_answer_is_for() {
    let scene = scene(&["one"]);
    scene.writes("zhang.san", "在吗").await;
    let (second, own) = scene.writes("li.si", "开会").await;
    assert_eq!((second.as_str(), own), ("李四#2：开会\n（回复请以#2开头）", None));
    assert_eq!(scene.answers(PHONE, "one", "#2 好").await, chat("li.si", "好"));
    assert_eq!(scene.answers(PHONE, "one", "在").await, chat("zhang.san", "在"));
}

#[tokio::test]
async fn a_number_written_the_national_way_is_the_same_phone() {
    let scene = scene(&["one"]);
    scene.writes("zhang.san", "在吗").await;
    assert_eq!(scene.answers("13800000001", "one", "在").await, chat("zhang.san", "在"));
}

#[tokio::test]
async fn a_colleagues_phone_may_begin_with_a_name() {
    let scene = scene(&["one"]);
    let begun = scene.answers("+8613900000009", "one", "@张三 我到了").await;
    let expected = Incoming::Chat {
        from: "wang.wu@posthouse.test".to_owned(),
        to: "zhang.san@posthouse.test".to_owned(),
        body: "我到了".to_owned(),
    };
    assert_eq!(begun, expected);
}

#[tokio::test]
async fn a_colleagues_phone_that_names_nobody_is_told_how() {
    let scene = scene(&["one"]);
    let answer = scene.answers("+8613900000009", "one", "我到了").await;
    let body = "请以@姓名开头，例如：@张三 您好".to_owned();
    assert_eq!(answer, Incoming::Answer { number: "+8613900000009".to_owned(), body });
}

#[tokio::test]
async fn a_stranger_gets_no_answer() {
    let scene = scene(&["one"]);
    assert_eq!(scene.answers("+8613700000007", "one", "@张三 hi").await, Incoming::Ignored);
    assert_eq!(scene.answers("10086", "one", "余额不足").await, Incoming::Ignored);
}

#[tokio::test]
async fn a_colleagues_phone_may_ask_with_a_code_and_a_stranger_may_not() {
    let scene = scene(&["one"]);
    for said in [" 001 ", "０0１", "帮助", "999"] {
        let Incoming::Query(query) = scene.answers("13900000009", "one", said).await else {
            panic!("no query: {said}")
        };
        assert_eq!((query.said.as_str(), query.asker.person.as_str()), (said, "wang.wu"));
        assert_eq!(query.asker.number.as_deref(), Some("+8613900000009"));
        assert_eq!(scene.answers("+8613700000007", "one", said).await, Incoming::Ignored);
    }
}

#[tokio::test]
async fn ordinary_texts_of_a_colleague_stay_ordinary() {
    let scene = scene(&["one"]);
    for said in ["001 谢谢", "好的", "10086"] {
        let answer = scene.answers("+8613900000009", "one", said).await;
        assert!(matches!(answer, Incoming::Answer { .. }), "{said}: {answer:?}");
    }
}
