use std::sync::Arc;

use async_trait::async_trait;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};

use super::AdHocCommands;
use crate::modules::testing::Client;
use crate::routing::commands::{AdHocCommand, Answers, Step};
use crate::routing::iq::IqTarget;
use crate::routing::session::Session;
use crate::routing::stanza_error::{Condition, StanzaError};

/// Asks for a word and says it.
struct Echo;

#[async_trait]
impl AdHocCommand for Echo {
    fn node(&self) -> &'static str {
        "echo"
    }

    fn name(&self) -> &'static str {
        "Echo"
    }

    async fn step(
        &self,
        _session: &Session,
        _node: &str,
        answers: Option<&Answers>,
    ) -> Result<Step, StanzaError> {
        match answers {
            None => {
                let fields = vec![Field::new("word", FieldType::TextSingle)];
                Ok(Step::Ask(DataForm::new(DataFormType::Form, "urn:test", fields)))
            }
            Some(answers) => {
                let word = answers.value("word").ok_or_else(|| StanzaError::new(Condition::NotAcceptable))?;
                Ok(Step::Done { note: word.to_owned(), result: None })
            }
        }
    }
}

async fn run(command: &str) -> Result<String, StanzaError> {
    let handler = AdHocCommands::new(vec![Arc::new(Echo)]);
    Client::new("zhang.san", "gajim").ask(&handler, IqTarget::Server, "set", command).await
}

#[tokio::test]
async fn a_form_is_asked_for_and_what_comes_back_is_done() {
    let asked = run("<command xmlns='http://jabber.org/protocol/commands' node='echo' action='execute'/>");
    let asked = asked.await.unwrap();
    assert!(asked.contains("status='executing'"), "{asked}");
    assert!(asked.contains("<actions execute='complete'><complete/></actions>"), "{asked}");
    assert!(asked.contains("var=") && asked.contains("word"), "{asked}");
    let id = asked.split_once("sessionid='").unwrap().1.split_once('\'').unwrap().0;
    let submitted = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='echo' sessionid='{id}'>\
         <x xmlns='jabber:x:data' type='submit'><field var='word'><value>你好 &lt;b&gt;</value></field></x>\
         </command>"
    );
    let done = run(&submitted).await.unwrap();
    assert!(done.contains(&format!("sessionid='{id}' status='completed'")), "{done}");
    assert!(done.contains("<note type='info'>你好 &lt;b&gt;</note>"), "{done}");
}

#[tokio::test]
async fn a_command_is_cancelled_without_being_done_and_wrong_requests_get_their_words() {
    let form = "<x xmlns='jabber:x:data' type='submit'><field var='word'><value>x</value></field></x>";
    let command = |attributes: &str| {
        format!("<command xmlns='http://jabber.org/protocol/commands' {attributes}>{form}</command>")
    };
    let cancelled = run(&command("node='echo' sessionid='s' action='cancel'")).await.unwrap();
    assert!(cancelled.contains("status='canceled'") && !cancelled.contains("note"), "{cancelled}");
    assert_eq!(run(&command("node='other'")).await.unwrap_err().condition, Condition::ItemNotFound);
    assert_eq!(run(&command("")).await.unwrap_err().condition, Condition::BadRequest);
    let wrong = run(&command("node='echo' action='dance'")).await.unwrap_err();
    assert_eq!(wrong.application.map(|(word, _)| word), Some("malformed-action"));
    let back = run(&command("node='echo' action='prev'")).await.unwrap_err();
    assert_eq!(back.application.map(|(word, _)| word), Some("bad-action"));
}
