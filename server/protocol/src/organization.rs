//! `urn:posthouse:org:1`: the organisation's tree, fetched by version and kept current by pushes.
//!
//! A client asks the server's domain with the version it has, [`Query`], and gets [`Entries`]: what changed
//! since, or everything when it has nothing or something too old, in pages. From then on its session gets
//! every change as `<message type='headline'/>` with one [`Entries`] that builds on the version before it.
//! `docs/org-directory.md` is the protocol in full. Elements and attributes not named here are ignored.

use jid::BareJid;
use xmpp_parsers::iq::{IqGetPayload, IqResultPayload};
use xmpp_parsers::message::MessagePayload;
use xso::{AsXml, FromXml};

/// The namespace, also the service discovery feature.
pub const NAMESPACE: &str = "urn:posthouse:org:1";

/// Most entries a page may have; a request for more gets this many.
pub const PAGE_ENTRIES: u32 = 500;

/// Asks for the directory. Sent as IQ get to the server's domain.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "query")]
pub struct Query {
    /// Version the client has; absent when it has none.
    #[xml(attribute(default, name = "ver"))]
    pub version: Option<u64>,
    /// View that this version belongs to, as the server named it; absent when the client has none.
    #[xml(attribute(default))]
    pub view: Option<String>,
    /// Most entries wanted on the page, 1 to [`PAGE_ENTRIES`]; the server may send fewer, and may treat less
    /// than 20 as 20.
    #[xml(attribute(default))]
    pub max: Option<u32>,
    /// [`Entries::next`] of the page before; absent for the first page.
    #[xml(attribute(default))]
    pub after: Option<String>,
}

impl IqGetPayload for Query {}

/// One page of an answer, or one push.
///
/// Answer: every page has `version`, `view` and `page`; the last has no `next`. The client keeps the pages
/// apart from what it has and puts them in force together after the last one. A page number 0 starts over:
/// pages gathered before it are dropped. Push: `since` is always there; it may be applied when the client
/// has exactly the version `since` of the same `view`, is ignored when the client has `version` or a newer
/// one, and otherwise the client sends a [`Query`] with what it has, as it does when `fetch` is set.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "entries")]
pub struct Entries {
    /// Version that the client has once all pages are in force.
    #[xml(attribute(name = "ver"))]
    pub version: u64,
    /// Version on which the entries build; absent: the entries are the whole directory and replace
    /// everything the client has.
    #[xml(attribute(default))]
    pub since: Option<u64>,
    /// Names what this user may see; opaque. A version means something only together with its view.
    #[xml(attribute(default))]
    pub view: String,
    /// Number of the page, from 0.
    #[xml(attribute(default))]
    pub page: u32,
    /// Entries on all pages together, for a progress bar.
    #[xml(attribute(default))]
    pub total: u32,
    /// Token to ask for the next page with; absent on the last page.
    #[xml(attribute(default))]
    pub next: Option<String>,
    /// Pushes only: too much changed to be sent unasked, or the view has changed; ask with a [`Query`].
    #[xml(attribute(default))]
    pub fetch: bool,
    /// Departments that are new or changed, complete; in a whole directory parents come before children.
    #[xml(child(n = ..))]
    pub departments: Vec<Department>,
    /// People who are new or changed, complete.
    #[xml(child(n = ..))]
    pub people: Vec<Person>,
    /// Departments and people that are no longer there, or no longer visible.
    #[xml(child(n = ..))]
    pub gone: Vec<Gone>,
}

impl IqResultPayload for Entries {}
impl MessagePayload for Entries {}

impl Entries {
    /// Number of entries on this page.
    pub fn count(&self) -> usize {
        self.departments.len().saturating_add(self.people.len()).saturating_add(self.gone.len())
    }
}

/// A department. Siblings are ordered by `priority` (smaller first), then `pinyin`, then `name`, then `id`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "department")]
pub struct Department {
    /// Stable, opaque, at most 64 bytes; never used again for another department.
    #[xml(attribute)]
    pub id: String,
    /// Id of the department above; absent at the top. When the client does not know it, the department
    /// stands at the top.
    #[xml(attribute(default))]
    pub parent: Option<String>,
    /// Display name.
    #[xml(attribute)]
    pub name: String,
    /// Smaller comes first.
    #[xml(attribute(default))]
    pub priority: i32,
    /// Pinyin of the name, lower case, syllables separated by a space: the key of the order.
    #[xml(attribute(default))]
    pub pinyin: Option<String>,
}

/// A person. Within a department people are ordered by [`Post::priority`] (smaller first), then `pinyin`,
/// then `name`, then `id`. Fields that the user may not see are absent.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "person")]
pub struct Person {
    /// Stable, opaque, at most 64 bytes; never used again for another person.
    #[xml(attribute)]
    pub id: String,
    /// Address to write to.
    #[xml(attribute)]
    pub jid: BareJid,
    /// Display name.
    #[xml(attribute)]
    pub name: String,
    /// Gender; absent or unknown words mean unspecified.
    #[xml(attribute(default))]
    pub gender: Gender,
    /// Date of birth, `YYYY-MM-DD` (XEP-0082).
    #[xml(attribute(default))]
    pub birth: Option<String>,
    /// SHA-1 of the avatar in hexadecimal (XEP-0153, XEP-0084); the picture comes with the vCard (XEP-0054).
    #[xml(attribute(default))]
    pub avatar: Option<String>,
    /// Mobile number, international form.
    #[xml(attribute(default))]
    pub mobile: Option<String>,
    /// E-mail address.
    #[xml(attribute(default))]
    pub email: Option<String>,
    /// Order among all people, smaller first: where no department is in play, as in a search.
    #[xml(attribute(default))]
    pub priority: i32,
    /// Whether the person may sign in.
    #[xml(attribute(default))]
    pub status: PersonStatus,
    /// Pinyin of the name, lower case, syllables separated by a space: the key of the order.
    #[xml(attribute(default))]
    pub pinyin: Option<String>,
    /// Office phones, in order of use.
    #[xml(extract(n = .., name = "phone", fields(text(type_ = String))))]
    pub phones: Vec<String>,
    /// The person's places in the tree; one with the same department appears at most once.
    #[xml(child(n = ..))]
    pub posts: Vec<Post>,
}

/// A person's place in a department.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "post")]
pub struct Post {
    /// Id of the department.
    #[xml(attribute)]
    pub department: String,
    /// Title.
    #[xml(attribute(default))]
    pub title: Option<String>,
    /// Order of the person within this department, smaller first.
    #[xml(attribute(default))]
    pub priority: i32,
    /// The main post; a person has at most one.
    #[xml(attribute(default))]
    pub primary: bool,
}

/// Something is no longer there for this user. Exactly one of the attributes is set.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "gone")]
pub struct Gone {
    /// Id of a department.
    #[xml(attribute(default))]
    pub department: Option<String>,
    /// Id of a person.
    #[xml(attribute(default))]
    pub person: Option<String>,
}

/// Gender as the organisation records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Gender {
    /// Not recorded, not visible, or a word of a newer server.
    #[default]
    Unspecified,
    /// `female`
    Female,
    /// `male`
    Male,
}

impl Gender {
    /// The word on the wire; `None` when unspecified.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Unspecified => None,
            Self::Female => Some("female"),
            Self::Male => Some("male"),
        }
    }

    /// The gender of a word; unknown words are unspecified.
    pub fn of_word(word: &str) -> Self {
        match word {
            "female" => Self::Female,
            "male" => Self::Male,
            _ => Self::Unspecified,
        }
    }
}

/// Whether a person takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PersonStatus {
    /// May sign in. Also stands for words of a newer server.
    #[default]
    Active,
    /// `disabled`: may not sign in for the time being; shown, but grey.
    Disabled,
}

impl PersonStatus {
    /// The word on the wire; `None` for the default.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Active => None,
            Self::Disabled => Some("disabled"),
        }
    }

    /// The status of a word; unknown words mean active.
    pub fn of_word(word: &str) -> Self {
        if word == "disabled" { Self::Disabled } else { Self::Active }
    }
}

crate::attribute_words!(Gender, PersonStatus);

#[cfg(test)]
mod tests;
