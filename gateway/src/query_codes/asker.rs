//! Who asks, as the server's directory has them.

/// A person of the organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// The address.
    pub address: String,
    /// The first half of it: what the person signs in with.
    pub person: String,
    /// The directory's own id, which never belongs to anybody else.
    pub id: String,
    /// The number in the personnel files, when the directory has one.
    pub employee_number: Option<String>,
    /// The phone.
    pub number: Option<String>,
    /// May not sign in for the time being, and not ask either.
    pub is_disabled: bool,
    /// Paths of the departments, such as `总部/财务部`.
    pub departments: Vec<String>,
}
