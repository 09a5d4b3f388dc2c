//! The company that the scenes of this crate play in.

use std::sync::LazyLock;

use serde_json::Value;

use crate::authorize::{Code, Grant};
use crate::id_token::{self, Content};
use crate::issuer::Issuer;
use crate::keys::{KeyRecord, KeyRing};
use crate::moment::{Lifetimes, Moment};
use crate::parameters::Parameters;
use crate::person::{Person, Scopes};
use crate::relying_party::{
    Algorithm, Audience, Cas, ForwardAuth, LaunchTicket, OpenId, RelyingParty, UserName,
};
use crate::secret::{Digest, Random};
use crate::session::{Child, Parent, Participation, SignedIn};
use crate::step_up::Strength;
use crate::token::AccessToken;

pub(crate) const NOW: Moment = Moment(1_795_766_400);
pub(crate) const SECRET: &str = "kFq1l3aT0m-9d_3Zx7QbVtWnYcR5uJhEoPiS2gAwL8s";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) fn issuer() -> Issuer {
    Issuer::new("https://im.example.org").unwrap()
}

pub(crate) fn random() -> Random {
    Random::new([42; 32])
}

/// Making RSA keys is slow: one ring for all.
pub(crate) fn ring() -> &'static KeyRing {
    static RING: LazyLock<KeyRing> = LazyLock::new(|| {
        let made = [Algorithm::Rs256, Algorithm::Es256].map(|one| KeyRecord::generate(one, NOW).unwrap());
        KeyRing::open(made.into()).unwrap()
    });
    &RING
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn zhang() -> Person {
    Person {
        subject: "p7".to_owned(),
        login: "zhang.aili".to_owned(),
        name: "张爱丽".to_owned(),
        email: Some("zhang.aili@example.org".to_owned()),
        phone: Some("13800000001".to_owned()),
        title: Some("会计".to_owned()),
        departments: vec!["总部/财务部".to_owned()],
        roles: Vec::new(),
        tags: vec!["审批".to_owned()],
    }
}

pub(crate) fn li() -> Person {
    Person { subject: "p8".to_owned(), login: "li.si".to_owned(), name: "李四".to_owned(), ..zhang() }
}

fn party(id: &str, name: &str) -> RelyingParty {
    RelyingParty {
        id: id.to_owned(),
        name: name.to_owned(),
        launch: format!("https://{id}.example.org/"),
        enabled: true,
        confirm: false,
        audience: Audience::default(),
        open_id: None,
        cas: None,
        forward_auth: None,
        launch_ticket: None,
    }
}

/// A confidential OpenID Connect client.
pub(crate) fn oa() -> RelyingParty {
    let open_id = OpenId {
        secret: Some(Digest::of(SECRET)),
        redirect_uris: vec!["https://oa.example.org/cb".to_owned()],
        post_logout_redirect_uris: vec!["https://oa.example.org/bye".to_owned()],
        back_channel_logout: Some("https://oa.example.org/backchannel".to_owned()),
        requires_pkce: true,
        is_native: false,
        algorithm: Algorithm::Rs256,
    };
    RelyingParty { open_id: Some(open_id), ..party("oa", "办公自动化系统") }
}

/// A program on the person's computer.
pub(crate) fn native() -> RelyingParty {
    let open_id = OpenId {
        secret: None,
        redirect_uris: vec!["http://127.0.0.1/cb".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        back_channel_logout: None,
        requires_pkce: true,
        is_native: true,
        algorithm: Algorithm::Es256,
    };
    RelyingParty { open_id: Some(open_id), ..party("native", "客户端") }
}

/// A plug-in that knows OAuth 2.0 only.
pub(crate) fn old_oauth() -> RelyingParty {
    let open_id = OpenId {
        redirect_uris: vec!["https://old.example.org/login?way=oauth".to_owned()],
        requires_pkce: false,
        ..oa().open_id.unwrap()
    };
    RelyingParty { open_id: Some(open_id), ..party("old", "旧系统") }
}

/// A CAS client.
pub(crate) fn erp() -> RelyingParty {
    let cas = Cas {
        services: vec!["https://erp.example.org/app/".to_owned()],
        user: UserName::Login,
        single_logout: true,
    };
    RelyingParty { cas: Some(cas), ..party("erp", "企业资源计划") }
}

/// A site behind a proxy.
pub(crate) fn grafana() -> RelyingParty {
    let forward_auth = ForwardAuth { sites: vec!["https://grafana.example.org".to_owned()] };
    RelyingParty { forward_auth: Some(forward_auth), ..party("grafana", "监控") }
}

/// A home-grown system.
pub(crate) fn mail() -> RelyingParty {
    let launch_ticket = LaunchTicket { secret: Digest::of(SECRET) };
    RelyingParty { launch_ticket: Some(launch_ticket), ..party("mail", "邮件") }
}

pub(crate) fn parent() -> Parent {
    Parent {
        id: "parent-1".to_owned(),
        login: "zhang.aili".to_owned(),
        instance: "zhang.aili@example.org/desk".to_owned(),
        created: NOW,
        auth_time: NOW.plus(-60),
        last_seen: NOW,
        gone_since: None,
    }
}

pub(crate) fn signed_in() -> SignedIn {
    let child =
        Child { cookie: Digest::of("cookie"), parent: "parent-1".to_owned(), created: NOW, last_seen: NOW };
    SignedIn { child, parent: parent(), person: Some(zhang()), proofs: Vec::new() }
}

pub(crate) fn participation() -> Participation {
    Participation {
        party: "oa".to_owned(),
        user: "p7".to_owned(),
        sid: "sid-1".to_owned(),
        service_ticket: None,
        service: None,
    }
}

pub(crate) fn grant() -> Grant {
    Grant {
        id: "grant-1".to_owned(),
        client: "oa".to_owned(),
        subject: "p7".to_owned(),
        child: Digest::of("cookie"),
        sid: "sid-1".to_owned(),
        scopes: Scopes::parse("openid profile groups offline_access").unwrap(),
        auth_time: NOW.plus(-60),
        strength: Strength::App,
    }
}

pub(crate) fn code() -> Code {
    Code {
        grant: grant(),
        redirect_uri: Some("https://oa.example.org/cb".to_owned()),
        challenge: Digest::parse(CHALLENGE),
        nonce: Some("n".to_owned()),
        expires: NOW.plus(30),
    }
}

pub(crate) fn access_token() -> AccessToken {
    AccessToken { grant: grant(), scopes: grant().scopes, issued: NOW, expires: NOW.plus(300) }
}

/// An ID token that this session's person has at that system.
pub(crate) fn id_token_for(session: &SignedIn, client: &str) -> String {
    let grant = Grant { client: client.to_owned(), ..grant() };
    let content =
        Content { grant: &grant, person: session.person.as_ref().unwrap(), nonce: None, access_token: "a" };
    id_token::sign(&content, (&issuer(), &Lifetimes::default(), ring()), Algorithm::Es256, NOW).unwrap()
}

pub(crate) fn claims_of(id_token: &str) -> Value {
    ring().verify("JWT", id_token).unwrap()
}
