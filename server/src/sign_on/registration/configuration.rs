//! Whole configurations for systems whose way of signing in is known, with the real values in them.

use std::path::Path;

use posthouse_sign_on::address;
use posthouse_sign_on::relying_party::RelyingParty;

use super::{Preset, new_secret};
use crate::storage::StorageError;

/// Stands where the secret belongs, when that is not known: it is shown once only.
pub(crate) const UNKNOWN_SECRET: &str = "THE-SECRET-OF-THIS-SYSTEM";

/// What has to be done with the certificate that every configuration names.
pub(crate) const AUTHORITY: &str = "ca.pem is readable by the server alone: copy it to the system's computer, \
     readable by whoever the system runs as, and write that path into the configuration";

/// The configuration of a system, to be put where its first line says.
///
/// # Errors
/// The computer gives no random bytes.
pub(crate) fn configuration(
    preset: Preset,
    party: &RelyingParty,
    (issuer, authority): (&str, &Path),
    secret: Option<&str>,
) -> Result<String, StorageError> {
    // Apache and nginx look for a relative path in folders of their own.
    let authority = std::path::absolute(authority).unwrap_or_else(|_| authority.to_owned());
    let authority = authority.display().to_string();
    let passphrase = new_secret()?;
    let redirect = redirect_for(preset, party);
    let values = Values {
        id: &party.id,
        launch: &party.launch,
        redirect: redirect.unwrap_or_default(),
        issuer,
        secret: secret.unwrap_or(UNKNOWN_SECRET),
        passphrase: passphrase.as_str(),
        authority: &authority,
    };
    Ok(match preset {
        Preset::ModAuthOpenidc => values.mod_auth_openidc(),
        Preset::ModAuthCas => values.mod_auth_cas(),
        Preset::Nginx => values.nginx(),
        Preset::Grafana => values.grafana(),
        Preset::Gitlab => values.gitlab(),
        Preset::Json => values.json(),
    })
}

/// Why a system that signs people in as it does cannot have that configuration.
///
/// # Errors
/// A sentence for people.
pub(crate) fn fits(preset: Preset, party: &RelyingParty) -> Result<(), String> {
    let (has_it, way) = match preset {
        Preset::ModAuthOpenidc | Preset::Grafana | Preset::Gitlab => (
            party.open_id.as_ref().is_some_and(|open_id| open_id.secret.is_some()),
            "OpenID Connect with a secret",
        ),
        Preset::ModAuthCas => (party.cas.is_some(), "CAS"),
        Preset::Nginx => (party.forward_auth.is_some(), "forward-auth"),
        Preset::Json => (party.launch_ticket.is_some(), "launch tickets"),
    };
    if !has_it {
        return Err(format!("{} does not sign people in by {way}", party.id));
    }
    match preset.callback() {
        Some(callback) if redirect_for(preset, party).is_none() => Err(format!(
            "no redirect URI of {} ends with {callback}, where this product takes people",
            party.id
        )),
        _ => Ok(()),
    }
}

/// Where the configured system takes people who come back.
fn redirect_for(preset: Preset, party: &RelyingParty) -> Option<&str> {
    let mut uris = party.open_id.as_ref()?.redirect_uris.iter().map(String::as_str);
    match preset.callback() {
        Some(callback) => uris.find(|uri| uri.ends_with(callback)),
        None => uris.next(),
    }
}

struct Values<'a> {
    id: &'a str,
    launch: &'a str,
    redirect: &'a str,
    issuer: &'a str,
    secret: &'a str,
    /// For what a system keeps to itself.
    passphrase: &'a str,
    authority: &'a str,
}

impl Values<'_> {
    /// State cookies are limited and old ones dropped, since a page with many parts begins many sign-ins; sessions lie
    /// in the server's cache, so that one that was ended cannot come back with its cookie.
    fn mod_auth_openidc(&self) -> String {
        let Self { id, issuer, secret, passphrase, authority, redirect, .. } = self;
        let path = path_of(self.launch);
        format!(
            "# Apache with mod_auth_openidc: into the <VirtualHost> of {launch}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCCABundlePath {authority}
OIDCClientID {id}
OIDCClientSecret {secret}
OIDCRedirectURI {redirect}
OIDCCryptoPassphrase {passphrase}
OIDCScope \"openid profile email phone groups\"
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username
OIDCSessionType server-cache
OIDCStateMaxNumberOfCookies 7 true
OIDCPassClaimsAs environment
<Location \"{path}\">
    AuthType openid-connect
    Require valid-user
</Location>",
            launch = self.launch
        )
    }

    /// The module does not start without the three global lines and the folder; it takes the prefix globally only.
    fn mod_auth_cas(&self) -> String {
        let Self { issuer, authority, .. } = self;
        let path = path_of(self.launch);
        format!(
            "# Apache with mod_auth_cas: these lines outside of every <VirtualHost>; the folder must be there and belong
# to Apache (mkdir -p /var/cache/apache2/mod_auth_cas && chown www-data: /var/cache/apache2/mod_auth_cas)
CASCookiePath /var/cache/apache2/mod_auth_cas/
CASLoginURL {issuer}/cas/login
CASValidateURL {issuer}/cas/p3/serviceValidate
CASCertificatePath {authority}
CASVersion 2
CASSSOEnabled On
CASAttributePrefix CAS-
# and these into the <VirtualHost> of {launch}
<Location \"{path}\">
    AuthType CAS
    Require valid-user
    CASAuthNHeader CAS-User
    CASScope /
</Location>
CASAttributePrefix CAS-
CASRootProxiedAs {origin}",
            launch = self.launch,
            origin = address::origin(self.launch).unwrap_or_default(),
        )
    }

    /// Whatever a client sends in the name of the proxy is replaced. nginx would turn redirects to the server into
    /// redirects to the site itself if it were not told to leave them alone.
    fn nginx(&self) -> String {
        let Self { issuer, authority, .. } = self;
        format!(
            "# nginx: into the server block of {launch}; what it protects must be reached through nginx alone
location / {{
    auth_request /.posthouse/check;
    error_page 401 = /.posthouse/sign-in;
    auth_request_set $posthouse_user $upstream_http_remote_user;
    auth_request_set $posthouse_subject $upstream_http_remote_subject;
    auth_request_set $posthouse_name $upstream_http_remote_name;
    auth_request_set $posthouse_groups $upstream_http_remote_groups;
    auth_request_set $posthouse_email $upstream_http_remote_email;
    auth_request_set $posthouse_assertion $upstream_http_x_posthouse_assertion;
    proxy_set_header Remote-User $posthouse_user;
    proxy_set_header Remote-Subject $posthouse_subject;
    proxy_set_header Remote-Name $posthouse_name;
    proxy_set_header Remote-Groups $posthouse_groups;
    proxy_set_header Remote-Email $posthouse_email;
    proxy_set_header X-Posthouse-Assertion $posthouse_assertion;
    proxy_set_header Host $http_host;
    # The site itself: put its address here.
    proxy_pass http://127.0.0.1:8080;
}}
location /.posthouse/ {{
    proxy_pass {issuer};
    proxy_ssl_trusted_certificate {authority};
    proxy_redirect off;
    proxy_ssl_verify on;
    proxy_ssl_server_name on;
    proxy_ssl_name {host};
    proxy_set_header Host {host};
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_pass_request_body off;
    proxy_set_header Content-Length \"\";
}}",
            launch = self.launch,
            host = host_of(issuer),
        )
    }

    fn grafana(&self) -> String {
        let Self { id, issuer, secret, authority, .. } = self;
        format!(
            "# Grafana: into grafana.ini; root_url in [server] must be {launch}
[auth.generic_oauth]
enabled = true
name = Posthouse
client_id = {id}
client_secret = {secret}
scopes = openid profile email groups
auth_url = {issuer}/oauth2/authorize
token_url = {issuer}/oauth2/token
api_url = {issuer}/oauth2/userinfo
use_pkce = true
login_attribute_path = preferred_username
name_attribute_path = name
email_attribute_path = email
tls_client_ca = {authority}
auto_login = true",
            launch = self.launch
        )
    }

    fn gitlab(&self) -> String {
        let Self { id, issuer, secret, .. } = self;
        // The only character of an address that would end the text around it.
        let redirect = self.redirect.replace('\'', "%27");
        format!(
            "# GitLab: into /etc/gitlab/gitlab.rb, then `gitlab-ctl reconfigure`; the server's authority {authority}
# belongs into /etc/gitlab/trusted-certs
gitlab_rails['omniauth_allow_single_sign_on'] = ['openid_connect']
gitlab_rails['omniauth_auto_sign_in_with_provider'] = 'openid_connect'
gitlab_rails['omniauth_block_auto_created_users'] = false
gitlab_rails['omniauth_providers'] = [{{
  name: 'openid_connect',
  label: 'Posthouse',
  args: {{
    name: 'openid_connect',
    scope: ['openid', 'profile', 'email'],
    response_type: 'code',
    issuer: '{issuer}',
    discovery: true,
    client_auth_method: 'basic',
    uid_field: 'sub',
    pkce: true,
    client_options: {{
      identifier: '{id}',
      secret: '{secret}',
      redirect_uri: '{redirect}'
    }}
  }}
}}]",
            authority = self.authority
        )
    }

    fn json(&self) -> String {
        let Self { id, issuer, secret, authority, launch, .. } = self;
        format!(
            "# A system of your own: {launch}?ticket=LT-… is opened in the tab. Within ten seconds, once, from the
# system's own computer:
curl --cacert {authority} -u {id}:{secret} -d ticket=\"$TICKET\" {issuer}/launch/redeem
# answers {{\"sub\":…,\"preferred_username\":…,\"name\":…,\"email\":…,\"groups\":[…],…}}, or 400 when the ticket is not good.
# Somebody who comes without a ticket is sent to {issuer}/launch/{id}"
        )
    }
}

fn path_of(launch: &str) -> String {
    let rest = launch.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/").to_owned()
}

fn host_of(issuer: &str) -> String {
    let origin = address::origin(issuer).unwrap_or_default();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    host.rsplit_once(':').map_or(host, |(host, _)| host).to_owned()
}
