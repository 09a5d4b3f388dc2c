//! Which part of a timeline is asked for.

use serde::Deserialize;
use utoipa::IntoParams;

/// `GET /api/v1/messages/{id}`: which part of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// `next` of the part before.
    #[param(value_type = i64, required = false)]
    pub(super) after: Option<i64>,
    /// How many at once.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
}
