//! A server with single sign-on, and sites of business systems.

use posthouse_tests::business_site::{Answer, BusinessSite};
use posthouse_tests::desktop::{Desktop, Window};
use posthouse_tests::server_process::ServerProcess;

use crate::office::{self, ALICE, PASSWORD};

/// The server and what its sign-on is called.
pub(crate) struct House {
    pub(crate) server: ServerProcess,
    pub(crate) issuer: String,
}

impl House {
    /// With Alice in it.
    pub(crate) async fn open() -> Self {
        let mut server = ServerProcess::prepare().await.unwrap();
        let port = server.take_port().unwrap();
        let issuer = format!("https://localhost:{port}");
        let (listen, name) = (format!("[\"127.0.0.1:{port}\"]"), format!("\"{issuer}\""));
        server.configure(&[("https", &listen), ("issuer", &name)]).unwrap();
        server.run().await.unwrap();
        server.add_person(ALICE.0, ALICE.1, "总部/财务部", PASSWORD).await.unwrap();
        Self { server, issuer }
    }

    /// A site without TLS that is registered under a name; it has a page.
    pub(crate) async fn site(&self, id: &str) -> BusinessSite {
        let site = BusinessSite::open().await.unwrap();
        self.register(id, &site).await;
        site
    }

    /// Registers a site; everybody may open it.
    pub(crate) async fn register(&self, id: &str, site: &BusinessSite) {
        site.answers("/", Answer::page(&format!("起始页 {id}"), "<p>起始页</p>"));
        let start = format!("{}/", site.origin());
        let words = ["relying-party", "add", id, "--name", id, "--launch", &start, "--cas-service", &start];
        self.server.administer(&words, None).await.unwrap();
    }

    /// A site with the server's own certificate, at another name than the server's sign-on.
    pub(crate) async fn secure_site(&self, id: &str, with_root: bool) -> BusinessSite {
        let site = site_with_certificate_of(&self.server, with_root).await;
        self.register(id, &site).await;
        site
    }

    /// Alice's window.
    pub(crate) async fn window(&self, desktop: &Desktop) -> Window {
        office::signed_in(&self.server, desktop, ALICE).await.unwrap()
    }

    /// Where the provider sends whom it does not know (any more).
    pub(crate) fn expired(&self, system: &str) -> String {
        format!("{}/sso/expired?app={system}", self.issuer)
    }
}

/// A site with the certificate of a server.
pub(crate) async fn site_with_certificate_of(server: &ServerProcess, with_root: bool) -> BusinessSite {
    let data = server.data();
    BusinessSite::open_with(&data.join("certificate.pem"), &data.join("key.pem"), with_root).await.unwrap()
}

/// Sends the page of a tab somewhere.
pub(crate) async fn leads_to(window: &Window, system: &str, address: &str) {
    window
        .tab_does(system, &format!("setTimeout(() => location.href = {address:?}), 'leaves'"))
        .await
        .unwrap();
}
