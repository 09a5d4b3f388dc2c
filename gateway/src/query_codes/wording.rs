//! What phones and people read from the gateway itself, in the language of the deployment.

use serde::Deserialize;

/// The language of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Language {
    /// Chinese.
    #[default]
    #[serde(rename = "zh")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// What can go wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// No answer in time.
    Silent,
    /// No connection.
    Unreachable,
    /// A status that is not 200.
    Refused,
    /// No JSON, or too much of it.
    NotJson,
    /// The answer does not have what the reply needs.
    MissingField,
    /// The request may not go where it would.
    Blocked,
    /// The directory does not have what the request needs.
    NotKnown,
}

impl Failure {
    /// The word in logs and settings.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::NotJson => "not_json",
            Self::MissingField => "missing_field",
            Self::Blocked => "blocked",
            Self::NotKnown => "not_known",
        }
    }

    /// What the asker reads.
    pub(super) fn sentence(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Silent => (
                "系统没有及时回应，请稍后再试。",
                "The system did not answer in time. Please try again later.",
            ),
            Self::Unreachable => {
                ("系统暂时无法连接，请稍后再试。", "The system cannot be reached. Please try again later.")
            }
            Self::Refused => (
                "系统拒绝了查询，请联系管理员。",
                "The system refused the query. Please tell the administrator.",
            ),
            Self::NotJson | Self::MissingField => (
                "系统的答复无法读取，请联系管理员。",
                "The system's answer cannot be read. Please tell the administrator.",
            ),
            Self::Blocked => (
                "该查询设置有误，请联系管理员。",
                "This query is set up wrongly. Please tell the administrator.",
            ),
            Self::NotKnown => (
                "您的资料不全，无法查询，请联系管理员。",
                "The directory lacks something about you that this query needs. Please tell the administrator.",
            ),
        };
        language.choose(chinese, english)
    }
}

impl Language {
    fn choose<T>(self, chinese: T, english: T) -> T {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }

    /// Between words of a list.
    pub(super) fn comma(self) -> &'static str {
        self.choose("、", ", ")
    }

    /// The name of the contact.
    pub fn contact(self) -> &'static str {
        self.choose("查询", "Queries")
    }

    /// What the list begins with.
    pub(super) fn list_head(self) -> &'static str {
        self.choose("可用的代码：", "Codes you can use:")
    }

    /// Nobody may use anything.
    pub(super) fn nothing(self) -> &'static str {
        self.choose("目前没有您可以使用的代码。", "There is no code that you can use.")
    }

    /// An unknown code.
    pub(super) fn hint(self, said: &str) -> String {
        let said: String = said.chars().take(20).collect();
        self.choose(
            format!("没有代码“{said}”。发送“帮助”查看可用的代码。"),
            format!("There is no code \"{said}\". Send \"help\" for those you can use."),
        )
    }

    /// A code that is not for the asker.
    pub(super) fn not_yours(self, code: &str) -> String {
        self.choose(
            format!("您不能使用代码“{code}”。发送“帮助”查看可用的代码。"),
            format!("The code \"{code}\" is not for you. Send \"help\" for those you can use."),
        )
    }

    /// Too many questions.
    pub(super) fn too_often(self) -> &'static str {
        self.choose("您的查询过于频繁，请一分钟后再试。", "You ask too often. Please wait a minute.")
    }
}
