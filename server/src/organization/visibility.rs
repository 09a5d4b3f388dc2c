//! Rules of the organisation: who may see whom, which fields, and who may write to whom. Without any rule
//! everybody sees everything, and that case costs nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use posthouse_protocol::organization::{Gender, Person};
use serde::Deserialize;

/// The rules, as they stand under `[visibility]` in the configuration. Ids are those of departments and people.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct VisibilityRules {
    /// Departments that, with all below them, only their own members see.
    pub hidden_departments: BTreeSet<String>,
    /// People whom nobody sees.
    pub hidden_people: BTreeSet<String>,
    /// Departments whose members, with all below them, see everybody and everything.
    pub all_seeing_departments: BTreeSet<String>,
    /// People who see everybody and everything.
    pub all_seeing_people: BTreeSet<String>,
    /// Who sees which field.
    pub fields: FieldAudiences,
    /// Pairs of departments, with all below them, whose members may not write to each other.
    pub no_chat: Vec<NoChat>,
    /// Who may write to phones.
    pub texts: TextRules,
    /// Up to this many people a standard client's roster holds everybody, beyond it the own departments.
    pub roster_everybody_up_to: usize,
}

impl Default for VisibilityRules {
    fn default() -> Self {
        Self {
            hidden_departments: BTreeSet::new(),
            hidden_people: BTreeSet::new(),
            all_seeing_departments: BTreeSet::new(),
            all_seeing_people: BTreeSet::new(),
            fields: FieldAudiences::default(),
            no_chat: Vec::new(),
            texts: TextRules::default(),
            roster_everybody_up_to: 500,
        }
    }
}

/// Members of one may not write to members of the other, in either direction.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct NoChat {
    /// Id of a department.
    pub between: String,
    /// Id of another one.
    pub and: String,
}

/// Who may write to phones. Without any entry everybody may write to the phones of those they may chat with.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq, Default)]
#[serde(default, deny_unknown_fields)]
pub struct TextRules {
    /// Departments whose members, with all below them, may.
    pub departments: BTreeSet<String>,
    /// People who may.
    pub people: BTreeSet<String>,
    /// They may also write to numbers that are nobody's of the organisation.
    pub strangers: bool,
}

/// Who sees a field of a person. The person and the all-seeing always do.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Whoever sees the person.
    #[default]
    Everybody,
    /// Those who have a post in one of the person's departments.
    Department,
    /// Nobody else.
    Nobody,
}

/// The audience of each field that can have one.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq, Default)]
#[serde(default, deny_unknown_fields)]
pub struct FieldAudiences {
    /// Mobile number.
    pub mobile: Audience,
    /// Office phones.
    pub phones: Audience,
    /// E-mail address.
    pub email: Audience,
    /// Date of birth.
    pub birth: Audience,
    /// Gender.
    pub gender: Audience,
    /// Avatar.
    pub avatar: Audience,
}

impl FieldAudiences {
    fn all(self) -> [Audience; 6] {
        [self.mobile, self.phones, self.email, self.birth, self.gender, self.avatar]
    }

    /// Every field goes to everybody.
    pub fn is_open(self) -> bool {
        self.all().into_iter().all(|audience| audience == Audience::Everybody)
    }

    /// What somebody sees depends on the own departments.
    pub fn depends_on_department(self) -> bool {
        self.all().contains(&Audience::Department)
    }

    /// Clears what is not for this viewer; `is_colleague`: shares a department with the person.
    pub fn clear(self, person: &mut Person, is_colleague: bool) {
        let hides = |audience: Audience| match audience {
            Audience::Everybody => false,
            Audience::Department => !is_colleague,
            Audience::Nobody => true,
        };
        if hides(self.mobile) {
            person.mobile = None;
        }
        if hides(self.phones) {
            person.phones.clear();
        }
        if hides(self.email) {
            person.email = None;
        }
        if hides(self.birth) {
            person.birth = None;
        }
        if hides(self.gender) {
            person.gender = Gender::Unspecified;
        }
        if hides(self.avatar) {
            person.avatar = None;
        }
    }
}

/// Whether a rule names this person: by the entry of the directory, or by the ID to sign in with.
pub(super) fn names(named: &BTreeSet<String>, person: &Person) -> bool {
    named.contains(&person.id) || person.jid.node().is_some_and(|login| named.contains(login.as_str()))
}

impl VisibilityRules {
    /// Everybody sees every person and department.
    pub fn hides_nobody(&self) -> bool {
        self.hidden_departments.is_empty() && self.hidden_people.is_empty()
    }

    /// Everybody sees everything: all users share one view.
    pub fn is_open(&self) -> bool {
        self.hides_nobody() && self.fields.is_open()
    }
}

/// What one user may see. Users who may see the same share one view, and with it the ready-made answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub(super) key: ViewKey,
    pub(super) id: Arc<str>,
    pub(super) rules: Arc<VisibilityRules>,
}

/// What makes views differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(super) struct ViewKey {
    /// Sees everything.
    pub(super) all_seeing: bool,
    /// Hidden departments that the user is in, with all below them.
    pub(super) inside: BTreeSet<String>,
    /// Own departments, when fields depend on them.
    pub(super) departments: BTreeSet<String>,
    /// The user, when hidden from all others.
    pub(super) hidden_self: Option<String>,
}

impl View {
    /// Names the view on the wire: changes whenever the meaning of a version changes.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Everything is visible as it is.
    pub fn is_open(&self) -> bool {
        self.key.all_seeing || self.rules.is_open()
    }
}
