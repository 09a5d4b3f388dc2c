//! What an application may do.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::network::Network;
use crate::storage::notices::DeliveryMode;

/// What an application may do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// It may write to everybody.
    pub everyone: bool,
    /// It may write to the members of these departments and of all below them; ids of the directory.
    pub departments: Vec<String>,
    /// It may write to these people; ids of the directory.
    pub people: Vec<String>,
    /// The ways it may ask for.
    pub deliveries: Vec<DeliveryMode>,
    /// Texts to phones a day (UTC).
    pub texts_a_day: i64,
    /// Networks it may come from (CIDR); empty is everywhere.
    pub networks: Vec<String>,
    /// What it may do with the directory.
    pub directory: Right,
    /// That only in these departments and below; ids of the directory, empty is everywhere.
    pub directory_departments: Vec<String>,
    /// What it may do with registrations of single sign-on.
    pub relying_parties: Right,
}

impl Scope {
    /// Whether it may come from there.
    pub fn admits(&self, address: Option<IpAddr>) -> bool {
        let is_from = |network: &String| {
            Network::parse(network).zip(address).is_some_and(|(network, address)| network.contains(address))
        };
        self.networks.is_empty() || self.networks.iter().any(is_from)
    }
}

/// What an application may do with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Nothing.
    #[default]
    None,
    /// Read it.
    Read,
    /// Read and change it.
    Edit,
}

impl Right {
    /// The right of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "read" => Some(Self::Read),
            "edit" => Some(Self::Edit),
            _ => None,
        }
    }
}
