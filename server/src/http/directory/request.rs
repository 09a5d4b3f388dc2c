//! What personnel systems send.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A department, whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewDepartment)]
pub(super) struct WholeDepartment {
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: String,
    /// Id or path of the one above; absent at the top.
    pub(super) parent: Option<String>,
    /// Smaller comes first.
    #[serde(default)]
    pub(super) priority: i32,
}

/// What changes about a department; what is absent stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = DepartmentChange)]
pub(super) struct PartOfDepartment {
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: Option<String>,
    /// Id or path of the one that it goes under; `""` is the top.
    pub(super) parent: Option<String>,
    /// Smaller comes first.
    pub(super) priority: Option<i32>,
}

/// A person, whole: what is absent is empty.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPerson)]
pub(super) struct WholePerson {
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) gender: GenderWord,
    /// Such as `1990-01-31`.
    #[serde(default)]
    pub(super) birth_date: String,
    /// Office phones.
    #[serde(default)]
    pub(super) phones: Vec<String>,
    /// Such as `+8613800000001`.
    #[serde(default)]
    pub(super) mobile: String,
    #[serde(default)]
    pub(super) email: String,
    #[serde(default)]
    pub(super) employee_number: String,
    /// All tags, such as `司机`; unlike the other fields they stay as they are when absent.
    #[schema(max_items = 50)]
    pub(super) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(super) status: StatusWord,
    /// The main one first.
    #[serde(default)]
    pub(super) posts: Vec<NewPost>,
    /// For a new person only, who must choose another one after the first sign-in.
    pub(super) password: Option<String>,
}

/// What changes about a person; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PersonChange)]
pub(super) struct PartOfPerson {
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: Option<String>,
    pub(super) gender: Option<GenderWord>,
    /// Such as `1990-01-31`; `""` empties it, as it does every text.
    pub(super) birth_date: Option<String>,
    /// Office phones.
    pub(super) phones: Option<Vec<String>>,
    /// Such as `+8613800000001`.
    pub(super) mobile: Option<String>,
    pub(super) email: Option<String>,
    pub(super) employee_number: Option<String>,
    /// All tags, such as `司机`; `[]` takes them away.
    #[schema(max_items = 50)]
    pub(super) tags: Option<Vec<String>>,
    pub(super) status: Option<StatusWord>,
    /// All posts, the main one first.
    pub(super) posts: Option<Vec<NewPost>>,
}

/// A place in the tree.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPost {
    /// Id or path such as `总部/财务部`.
    pub(super) department: String,
    #[serde(default)]
    #[schema(max_length = 100)]
    pub(super) title: String,
    /// Order within the department; smaller comes first.
    #[serde(default)]
    pub(super) priority: i32,
}

/// Gender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Gender)]
pub(super) enum GenderWord {
    Female,
    Male,
    #[default]
    Unspecified,
}

/// Whether somebody may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PersonStatus)]
pub(super) enum StatusWord {
    #[default]
    Active,
    Disabled,
}

/// Which part of the list of departments.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedDepartments {
    /// `version` of an earlier answer: only what has changed since then.
    #[param(value_type = String, required = false)]
    pub(super) since: Option<String>,
    /// `next` of the part before.
    #[param(value_type = i64, required = false)]
    pub(super) after: Option<i64>,
    /// How many at once.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
}

/// Which part of the list of people.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedPeople {
    /// Id or path of a department: only its people and those of all below it.
    #[param(value_type = String, required = false)]
    pub(super) department: Option<String>,
    /// `false` leaves out those of the departments below.
    #[param(value_type = bool, required = false)]
    pub(super) with_sub_departments: Option<bool>,
    /// `version` of an earlier answer: only what has changed since then.
    #[param(value_type = String, required = false)]
    pub(super) since: Option<String>,
    /// `next` of the part before.
    #[param(value_type = i64, required = false)]
    pub(super) after: Option<i64>,
    /// How many at once.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500)]
    pub(super) limit: Option<u32>,
}
