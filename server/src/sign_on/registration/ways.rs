//! How a system signs people in, as said by an administrator or known for a kind of system.

use posthouse_sign_on::address;
use posthouse_sign_on::relying_party::{
    Algorithm, Audience, Cas, ForwardAuth, LaunchTicket, OpenId, RelyingParty, UserName,
};
use posthouse_sign_on::secret::Digest;

use super::Preset;

/// How a new system signs people in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways {
    /// OpenID Connect and OAuth 2.0.
    pub open_id: Option<OpenIdWay>,
    /// CAS.
    pub cas: Option<Cas>,
    /// Behind a proxy that asks.
    pub forward_auth: Option<ForwardAuth>,
    /// By launch tickets.
    pub launch_ticket: bool,
}

/// OpenID Connect as it is asked for, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIdWay {
    /// Where codes may go.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Is told when a session ends.
    pub back_channel_logout: Option<String>,
    /// PKCE is asked of it.
    pub requires_pkce: bool,
    /// A program that cannot keep a secret.
    pub is_public: bool,
    /// A program on the person's computer.
    pub is_native: bool,
    /// How its ID tokens are signed.
    pub algorithm: Algorithm,
}

impl Default for OpenIdWay {
    fn default() -> Self {
        Self {
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            back_channel_logout: None,
            requires_pkce: true,
            is_public: false,
            is_native: false,
            algorithm: Algorithm::default(),
        }
    }
}

impl OpenIdWay {
    fn with(self, secret: Digest) -> OpenId {
        let is_public = self.is_public || self.is_native;
        OpenId {
            secret: (!is_public).then_some(secret),
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            back_channel_logout: self.back_channel_logout,
            requires_pkce: self.requires_pkce,
            is_native: self.is_native,
            algorithm: self.algorithm,
        }
    }
}

impl Ways {
    /// Fills in what is known for a kind of system and was not said.
    #[must_use]
    pub fn completed(mut self, preset: Option<Preset>, launch: &str) -> Self {
        let below = |path: &str| address::below(launch, path).unwrap_or_else(|| launch.to_owned());
        match preset {
            None => {}
            Some(Preset::ModAuthOpenidc) => {
                let uri = below("/oidc-callback");
                // Plain http is for this computer alone: a logout is told over https.
                let logout = uri.starts_with("https://").then(|| format!("{uri}?logout=backchannel"));
                let way = self.redirected_to(uri);
                way.back_channel_logout = way.back_channel_logout.take().or(logout);
                if way.post_logout_redirect_uris.is_empty() {
                    way.post_logout_redirect_uris.push(launch.to_owned());
                }
            }
            Some(preset @ (Preset::Grafana | Preset::Gitlab)) => {
                self.redirected_to(below(preset.callback().unwrap_or_default()));
            }
            Some(Preset::ModAuthCas) => {
                let cas = self.cas.get_or_insert_with(|| Cas {
                    services: Vec::new(),
                    user: UserName::default(),
                    single_logout: true,
                });
                if cas.services.is_empty() {
                    cas.services.push(launch.to_owned());
                }
            }
            Some(Preset::Nginx) => {
                let forward = self.forward_auth.get_or_insert_with(|| ForwardAuth { sites: Vec::new() });
                if forward.sites.is_empty() {
                    forward.sites.extend(address::origin(launch));
                }
            }
            Some(Preset::Json) => self.launch_ticket = true,
        }
        self
    }

    fn redirected_to(&mut self, uri: String) -> &mut OpenIdWay {
        let way = self.open_id.get_or_insert_default();
        if way.redirect_uris.is_empty() {
            way.redirect_uris.push(uri);
        }
        way
    }
}

/// What changes about a system; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// Name for people.
    pub name: Option<String>,
    /// Where a tab begins.
    pub launch: Option<String>,
    /// Switched on.
    pub enabled: Option<bool>,
    /// Sensitive.
    pub confirm: Option<bool>,
    /// Who may use it.
    pub audience: Option<Audience>,
    /// OpenID Connect, all of it; `Some(None)` takes it away, as with the others.
    pub open_id: Option<Option<OpenIdWay>>,
    /// CAS.
    pub cas: Option<Option<Cas>>,
    /// Behind a proxy that asks.
    pub forward_auth: Option<Option<ForwardAuth>>,
    /// By launch tickets.
    pub launch_ticket: Option<bool>,
}

impl Edit {
    /// All ways of a new system.
    pub(super) fn of_ways(ways: Ways) -> Self {
        Self {
            open_id: Some(ways.open_id),
            cas: Some(ways.cas),
            forward_auth: Some(ways.forward_auth),
            launch_ticket: Some(ways.launch_ticket),
            ..Self::default()
        }
    }

    /// Changes it. A system keeps its secret whatever its ways; `secret` is for one that has none yet.
    pub(super) fn apply(self, party: &mut RelyingParty, secret: Digest) {
        let secret = party.secret().copied().unwrap_or(secret);
        set(&mut party.name, self.name);
        set(&mut party.launch, self.launch);
        set(&mut party.enabled, self.enabled);
        set(&mut party.confirm, self.confirm);
        set(&mut party.audience, self.audience);
        set(&mut party.open_id, self.open_id.map(|way| way.map(|way| way.with(secret))));
        set(&mut party.cas, self.cas);
        set(&mut party.forward_auth, self.forward_auth);
        let ticket = self.launch_ticket.map(|wanted| wanted.then_some(LaunchTicket { secret }));
        set(&mut party.launch_ticket, ticket);
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
