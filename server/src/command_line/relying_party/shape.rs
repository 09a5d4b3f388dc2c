//! How a system signs people in, as said on the command line or known for a kind of system.

use clap::{Args, ValueEnum};
use posthouse_sign_on::address;
use posthouse_sign_on::relying_party::{
    Algorithm, Audience, Cas, ForwardAuth, LaunchTicket, OpenId, RelyingParty, UserName,
};
use posthouse_sign_on::secret::Secret;

use super::Preset;

/// How a system signs people in.
#[derive(Debug, Clone, Args)]
pub(super) struct Ways {
    /// OpenID Connect: where codes may go, character for character; may be repeated
    #[arg(long, value_name = "URL")]
    redirect_uri: Vec<String>,
    /// OpenID Connect: where people may be sent after signing out; may be repeated
    #[arg(long, value_name = "URL")]
    post_logout_redirect_uri: Vec<String>,
    /// OpenID Connect: is told when a session ends
    #[arg(long, value_name = "URL")]
    back_channel_logout: Option<String>,
    /// OpenID Connect: the system cannot do PKCE. Whoever steals a code on its way may then use it
    #[arg(long)]
    without_pkce: bool,
    /// OpenID Connect: a program that cannot keep a secret
    #[arg(long)]
    public: bool,
    /// OpenID Connect: a program on the person's computer; its loopback address may have any port
    #[arg(long)]
    native: bool,
    /// OpenID Connect: how ID tokens are signed
    #[arg(long, value_enum, default_value_t = Signature::Rs256)]
    algorithm: Signature,
    /// CAS: services lie at or below this address; may be repeated
    #[arg(long, value_name = "URL")]
    cas_service: Vec<String>,
    /// CAS: what the system takes for the name of the user
    #[arg(long, value_enum, default_value_t = CasUser::Login)]
    cas_user: CasUser,
    /// Forward-auth: scheme, host and port of a site behind a proxy; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    site: Vec<String>,
    /// Launch tickets: the system redeems them with its secret
    #[arg(long)]
    launch_ticket: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Signature {
    Rs256,
    Es256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CasUser {
    /// ID to sign in with
    Login,
    /// Stable id of the directory
    Subject,
    /// E-mail address
    Email,
}

impl Ways {
    /// Fills in what is known for a kind of system and was not said.
    pub(super) fn completed(mut self, preset: Option<Preset>, launch: &str) -> Self {
        let below = |path: &str| address::below(launch, path).unwrap_or_else(|| launch.to_owned());
        let mut redirect = |uri: String, logout: Option<String>| {
            if self.redirect_uri.is_empty() {
                self.redirect_uri.push(uri);
            }
            self.back_channel_logout = self.back_channel_logout.take().or(logout);
        };
        match preset {
            None => {}
            Some(Preset::ModAuthOpenidc) => {
                let uri = below("/oidc-callback");
                // Plain http is for this computer alone: a logout is told over https.
                let logout = uri.starts_with("https://").then(|| format!("{uri}?logout=backchannel"));
                redirect(uri, logout);
                if self.post_logout_redirect_uri.is_empty() {
                    self.post_logout_redirect_uri.push(launch.to_owned());
                }
            }
            Some(Preset::Grafana) => redirect(below("/login/generic_oauth"), None),
            Some(Preset::Gitlab) => redirect(below("/users/auth/openid_connect/callback"), None),
            Some(Preset::ModAuthCas) if self.cas_service.is_empty() => {
                self.cas_service.push(launch.to_owned())
            }
            Some(Preset::Nginx) if self.site.is_empty() => self.site.extend(address::origin(launch)),
            Some(Preset::ModAuthCas | Preset::Nginx) => {}
            Some(Preset::Json) => self.launch_ticket = true,
        }
        self
    }

    /// The registration. Whether it makes sense is checked by the rules.
    pub(super) fn party(&self, id: &str, name: &str, launch: &str, secret: &Secret) -> RelyingParty {
        let open_id = !self.redirect_uri.is_empty();
        RelyingParty {
            id: id.to_owned(),
            name: name.to_owned(),
            launch: launch.to_owned(),
            enabled: true,
            confirm: false,
            audience: Audience::default(),
            open_id: open_id.then(|| self.open_id(secret)),
            cas: (!self.cas_service.is_empty()).then(|| Cas {
                services: self.cas_service.clone(),
                user: match self.cas_user {
                    CasUser::Login => UserName::Login,
                    CasUser::Subject => UserName::Subject,
                    CasUser::Email => UserName::Email,
                },
                single_logout: true,
            }),
            forward_auth: (!self.site.is_empty()).then(|| ForwardAuth { sites: self.site.clone() }),
            launch_ticket: self.launch_ticket.then(|| LaunchTicket { secret: secret.digest() }),
        }
    }

    fn open_id(&self, secret: &Secret) -> OpenId {
        let is_public = self.public || self.native;
        OpenId {
            secret: (!is_public).then(|| secret.digest()),
            redirect_uris: self.redirect_uri.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uri.clone(),
            back_channel_logout: self.back_channel_logout.clone(),
            requires_pkce: !self.without_pkce,
            is_native: self.native,
            algorithm: match self.algorithm {
                Signature::Rs256 => Algorithm::Rs256,
                Signature::Es256 => Algorithm::Es256,
            },
        }
    }
}
