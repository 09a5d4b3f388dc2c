//! What applications send.

use posthouse_sign_on::relying_party::{Algorithm, Audience, Cas, ForwardAuth, UserName};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::sign_on::registration::{Draft, Edit, OpenIdWay, Preset, Ways};

/// A new system. With `preset` everything else but `id` and `launch` is known, and what is said goes first.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewRelyingParty)]
pub(super) struct NewParty {
    /// Short name, also the `client_id`: letters, digits, and `-`, `_`, `.`
    #[schema(min_length = 1, max_length = 64)]
    id: String,
    /// Name for people; the short name unless it is said.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Where a tab begins, such as `https://oa.example.org/`.
    #[schema(max_length = 2048)]
    launch: String,
    /// A kind of system whose ways are known, and whose whole configuration is printed.
    pub(super) preset: Option<Preset>,
    #[serde(default = "yes")]
    enabled: bool,
    /// Sensitive: people prove again who they are, in the app, before they get in.
    #[serde(default)]
    confirm: bool,
    /// Everybody, unless somebody is named.
    audience: Option<AudienceWords>,
    open_id: Option<OpenIdWords>,
    cas: Option<CasWords>,
    forward_auth: Option<ForwardAuthWords>,
    /// The system redeems launch tickets with its secret.
    #[serde(default)]
    launch_ticket: bool,
    /// Checks everything and registers nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// What changes about a system; what is absent stays as it is. A way of signing in that is named takes the place of the
/// one before, whole; `null` takes it away.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RelyingPartyChange)]
pub(super) struct PartOfParty {
    /// Name for people.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Where a tab begins.
    #[schema(max_length = 2048)]
    launch: Option<String>,
    enabled: Option<bool>,
    /// Sensitive.
    confirm: Option<bool>,
    /// All who may use it; `{}` is everybody.
    audience: Option<AudienceWords>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<OpenIdWords>)]
    open_id: Option<Option<OpenIdWords>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<CasWords>)]
    cas: Option<Option<CasWords>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<ForwardAuthWords>)]
    forward_auth: Option<Option<ForwardAuthWords>>,
    launch_ticket: Option<bool>,
    /// Checks everything and changes nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Who may use a system: everybody, when nobody is named.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[schema(as = Audience)]
pub(super) struct AudienceWords {
    /// Paths such as `总部/财务部`; what is below them is meant as well.
    departments: Vec<String>,
    /// IDs to sign in with.
    people: Vec<String>,
    /// Whoever has one of these tags is meant, such as `司机`.
    tags: Vec<String>,
}

/// OpenID Connect and OAuth 2.0.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = OpenId)]
pub(super) struct OpenIdWords {
    /// Where codes may go, character for character.
    #[serde(default)]
    redirect_uris: Vec<String>,
    /// Where people may be sent after signing out.
    #[serde(default)]
    post_logout_redirect_uris: Vec<String>,
    /// Is told when a session ends; `https` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    back_channel_logout: Option<String>,
    /// `false` for a system that cannot do PKCE: whoever steals a code on its way may then use it.
    #[serde(default = "yes")]
    requires_pkce: bool,
    /// A program that cannot keep a secret.
    #[serde(default)]
    public: bool,
    /// A program on the person's computer; it has no secret, and its loopback address may have any port.
    #[serde(default)]
    native: bool,
    /// How ID tokens are signed.
    #[serde(default)]
    algorithm: AlgorithmWord,
}

/// How something is signed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Algorithm)]
enum AlgorithmWord {
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "ES256")]
    Es256,
}

/// CAS.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Cas)]
pub(super) struct CasWords {
    /// Services lie at or below these addresses.
    #[serde(default)]
    services: Vec<String>,
    /// What the system takes for the name of the user.
    #[serde(default)]
    user: CasUserWord,
    /// Is told when a session ends.
    #[serde(default = "yes")]
    single_logout: bool,
}

/// What a CAS client gets as the name of the user.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CasUser)]
enum CasUserWord {
    #[default]
    Login,
    Subject,
    Email,
}

/// Sites behind a proxy that asks for each request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ForwardAuth)]
pub(super) struct ForwardAuthWords {
    /// Scheme, host and port of each.
    #[serde(default)]
    sites: Vec<String>,
}

/// What kind of system it is.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedConfiguration {
    pub(super) preset: Preset,
}

/// The same, where nothing need be printed.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedSecret {
    /// Prints the whole configuration with the new secret.
    #[param(value_type = Preset, required = false)]
    pub(super) preset: Option<Preset>,
}

fn yes() -> bool {
    true
}

/// Tells `null` from what is absent.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl NewParty {
    pub(super) fn draft(self) -> Draft {
        Draft {
            id: self.id,
            name: self.name,
            launch: self.launch,
            preset: self.preset,
            enabled: self.enabled,
            confirm: self.confirm,
            audience: self.audience.map(Audience::from).unwrap_or_default(),
            ways: Ways {
                open_id: self.open_id.map(OpenIdWay::from),
                cas: self.cas.map(Cas::from),
                forward_auth: self.forward_auth.map(ForwardAuth::from),
                launch_ticket: self.launch_ticket,
            },
        }
    }
}

impl PartOfParty {
    pub(super) fn edit(self) -> Edit {
        Edit {
            name: self.name,
            launch: self.launch,
            enabled: self.enabled,
            confirm: self.confirm,
            audience: self.audience.map(Audience::from),
            open_id: self.open_id.map(|way| way.map(OpenIdWay::from)),
            cas: self.cas.map(|way| way.map(Cas::from)),
            forward_auth: self.forward_auth.map(|way| way.map(ForwardAuth::from)),
            launch_ticket: self.launch_ticket,
        }
    }
}

impl From<AudienceWords> for Audience {
    fn from(words: AudienceWords) -> Self {
        Self { people: words.people, departments: words.departments, tags: words.tags }
    }
}

impl From<&Audience> for AudienceWords {
    fn from(audience: &Audience) -> Self {
        Self {
            people: audience.people.clone(),
            departments: audience.departments.clone(),
            tags: audience.tags.clone(),
        }
    }
}

impl From<OpenIdWords> for OpenIdWay {
    fn from(words: OpenIdWords) -> Self {
        Self {
            redirect_uris: words.redirect_uris,
            post_logout_redirect_uris: words.post_logout_redirect_uris,
            back_channel_logout: words.back_channel_logout,
            requires_pkce: words.requires_pkce,
            is_public: words.public,
            is_native: words.native,
            algorithm: match words.algorithm {
                AlgorithmWord::Rs256 => Algorithm::Rs256,
                AlgorithmWord::Es256 => Algorithm::Es256,
            },
        }
    }
}

impl From<&posthouse_sign_on::relying_party::OpenId> for OpenIdWords {
    fn from(open_id: &posthouse_sign_on::relying_party::OpenId) -> Self {
        Self {
            redirect_uris: open_id.redirect_uris.clone(),
            post_logout_redirect_uris: open_id.post_logout_redirect_uris.clone(),
            back_channel_logout: open_id.back_channel_logout.clone(),
            requires_pkce: open_id.requires_pkce,
            public: open_id.secret.is_none(),
            native: open_id.is_native,
            algorithm: match open_id.algorithm {
                Algorithm::Rs256 => AlgorithmWord::Rs256,
                Algorithm::Es256 => AlgorithmWord::Es256,
            },
        }
    }
}

impl From<CasWords> for Cas {
    fn from(words: CasWords) -> Self {
        Self {
            services: words.services,
            user: match words.user {
                CasUserWord::Login => UserName::Login,
                CasUserWord::Subject => UserName::Subject,
                CasUserWord::Email => UserName::Email,
            },
            single_logout: words.single_logout,
        }
    }
}

impl From<&Cas> for CasWords {
    fn from(cas: &Cas) -> Self {
        Self {
            services: cas.services.clone(),
            user: match cas.user {
                UserName::Login => CasUserWord::Login,
                UserName::Subject => CasUserWord::Subject,
                UserName::Email => CasUserWord::Email,
            },
            single_logout: cas.single_logout,
        }
    }
}

impl From<ForwardAuthWords> for ForwardAuth {
    fn from(words: ForwardAuthWords) -> Self {
        Self { sites: words.sites }
    }
}

impl From<&ForwardAuth> for ForwardAuthWords {
    fn from(forward: &ForwardAuth) -> Self {
        Self { sites: forward.sites.clone() }
    }
}
