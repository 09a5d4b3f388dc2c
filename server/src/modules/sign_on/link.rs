//! For people with other clients: a command (XEP-0050) that gives a link into a business system for the browser. The
//! link is bound to nothing, so that it opens a page with a button first, which says in whose name.

use std::sync::Arc;

use async_trait::async_trait;
use posthouse_sign_on::ticket::Wish;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};

use super::{NAMESPACE, SignOn, broken};
use crate::routing::commands::{AdHocCommand, Answers, Step};
use crate::routing::session::Session;
use crate::routing::stanza_error::{Condition, StanzaError};

/// The field in which a system is chosen.
const SYSTEM: &str = "system";

/// The command.
#[derive(Debug)]
pub struct Link(pub Arc<SignOn>);

impl Link {
    async fn ask(&self, login: &str) -> Result<Step, StanzaError> {
        let systems = self.0.systems(login).await.map_err(broken)?.systems;
        if systems.is_empty() {
            let note = "没有您可以打开的业务系统。 · There is no business system that you may open.";
            return Ok(Step::Done { note: note.to_owned(), result: None });
        }
        let mut field = Field::new(SYSTEM, FieldType::ListSingle);
        field.label = Some("业务系统 · System".to_owned());
        field.required = true;
        field.values = systems.first().map(|system| system.id.clone()).into_iter().collect();
        let option = |system: posthouse_protocol::sign_on::System| Option_ {
            label: Some(system.name),
            value: system.id,
        };
        field.options = systems.into_iter().map(option).collect();
        let mut form = DataForm::new(DataFormType::Form, NAMESPACE, vec![field]);
        form.title = Some(self.name().to_owned());
        Ok(Step::Ask(form))
    }

    async fn give(&self, session: &Session, login: &str, system: &str) -> Result<Step, StanzaError> {
        let wish = Wish { app: system, bind: None, path: None };
        let entrance = self.0.entrance(session, login, &wish).await?;
        let (url, seconds) = (&entrance.url, entrance.expires);
        let note = format!(
            "请在 {seconds} 秒内用浏览器打开： · Open it in your browser within {seconds} seconds: {url}"
        );
        let mut field = Field::text_single("url", url);
        field.label = Some("链接 · Link".to_owned());
        let result = DataForm::new(DataFormType::Result_, NAMESPACE, vec![field]);
        Ok(Step::Done { note, result: Some(result) })
    }
}

#[async_trait]
impl AdHocCommand for Link {
    fn node(&self) -> &'static str {
        "urn:posthouse:sso:0#open"
    }

    fn name(&self) -> &'static str {
        "打开业务系统 · Open a business system"
    }

    async fn step(
        &self,
        session: &Session,
        _node: &str,
        answers: Option<&Answers>,
    ) -> Result<Step, StanzaError> {
        let node = session.bare().node().ok_or_else(|| StanzaError::new(Condition::NotAllowed))?;
        match answers {
            None => self.ask(node.as_str()).await,
            Some(answers) => {
                let system =
                    answers.value(SYSTEM).ok_or_else(|| StanzaError::new(Condition::NotAcceptable))?;
                self.give(session, node.as_str(), system).await
            }
        }
    }
}
