//! How a system signs people in, as said on the command line.

use clap::{Args, ValueEnum};
use posthouse_sign_on::relying_party::{Algorithm, Cas, ForwardAuth, UserName};

use crate::sign_on::registration::{OpenIdWay, Preset, Ways};

/// How a system signs people in.
#[derive(Debug, Clone, Args)]
pub(super) struct WaysSaid {
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

impl WaysSaid {
    /// What was said, as the rules want it.
    pub(super) fn meant(self, preset: Option<Preset>) -> Ways {
        let is_open_id = matches!(preset, Some(Preset::ModAuthOpenidc | Preset::Grafana | Preset::Gitlab));
        let open_id = OpenIdWay {
            post_logout_redirect_uris: self.post_logout_redirect_uri,
            back_channel_logout: self.back_channel_logout,
            requires_pkce: !self.without_pkce,
            is_public: self.public,
            is_native: self.native,
            algorithm: match self.algorithm {
                Signature::Rs256 => Algorithm::Rs256,
                Signature::Es256 => Algorithm::Es256,
            },
            redirect_uris: self.redirect_uri,
        };
        let cas = Cas {
            services: self.cas_service,
            user: match self.cas_user {
                CasUser::Login => UserName::Login,
                CasUser::Subject => UserName::Subject,
                CasUser::Email => UserName::Email,
            },
            single_logout: true,
        };
        let is_cas = !cas.services.is_empty() || preset == Some(Preset::ModAuthCas);
        Ways {
            open_id: (is_open_id || !open_id.redirect_uris.is_empty()).then_some(open_id),
            cas: is_cas.then_some(cas),
            forward_auth: (!self.site.is_empty()).then_some(ForwardAuth { sites: self.site }),
            launch_ticket: self.launch_ticket,
        }
    }
}
