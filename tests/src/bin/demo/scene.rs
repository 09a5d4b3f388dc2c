//! The scene without a display: each of the two has a desktop of their own, as on two computers.

mod business;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use posthouse_tests::desktop::{Desktop, Window};
use posthouse_tests::gateway_process::GatewayProcess;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

use crate::office::Office;
use crate::{Demo, Person, say};

/// What Alice writes while Bob is away.
const WHILE_AWAY: &[&str] = &[
    "王磊，报表已经收到，谢谢！",
    "第 3 页的合计好像少了一行，你回来看一下",
    "明天上午 9:30 在 2 楼会议室开预算会",
    "记得带上服务器采购的报价单",
    "不急，回来再看 ☺",
];

/// What she writes to his phone, and what he answers.
const TO_THE_PHONE: &str = "王磊，客户到了，请尽快来 3 楼会议室";
const FROM_THE_PHONE: &str = "收到，10 分钟后到😀";
/// How long a text may take.
const PHONE_PATIENCE: Duration = Duration::from_secs(30);

/// Plays the scene.
pub(crate) async fn play(
    demo: &Demo,
    server: &mut ServerProcess,
    gateway: &GatewayProcess,
    office: &Office,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut stage = Stage { demo, server, gateway, office, start };
    let (alice_desktop, bob_desktop) = (Desktop::start().await?, Desktop::start().await?);

    let alice = stage.alice_signs_in(&alice_desktop).await?;
    let bob = stage.opens_signed_in(&bob_desktop, &demo.bob).await?;
    stage.tells("Bob is signed in, too");

    stage.they_talk(&alice, &bob).await?;

    bob.close().await?;
    stage.tells("Bob's window is closed");
    stage.bob_is_away(&alice).await?;

    let opened = Instant::now();
    let bob = stage.opens_signed_in(&bob_desktop, &demo.bob).await?;
    stage.tells(&format!(
        "Bob signs in again; the tree is there after {:.1} s",
        opened.elapsed().as_secs_f64()
    ));
    stage.bob_finds_everything(&alice, &bob).await?;

    stage.the_server_is_away_for_a_moment(&alice).await?;
    stage.pictures_of_the_rest(&alice).await?;
    alice.close().await?;
    bob.close().await?;
    stage.tells("both windows are closed");
    Ok(())
}

struct Stage<'a> {
    demo: &'a Demo,
    server: &'a mut ServerProcess,
    gateway: &'a GatewayProcess,
    office: &'a Office,
    start: Instant,
}

impl Stage<'_> {
    fn tells(&self, line: &str) {
        say(&format!("{:6.1} s  {line}", self.start.elapsed().as_secs_f64()));
    }

    async fn picture(&self, window: &Window, name: &str) -> anyhow::Result<()> {
        let file: PathBuf = self.demo.pictures.join(format!("{name}.png"));
        window.picture(&file).await?;
        self.tells(&format!("picture: {}", file.display()));
        Ok(())
    }

    /// The whole screen, since pages of tabs are no part of the window's page.
    async fn screen(&self, window: &Window, name: &str) -> anyhow::Result<()> {
        let file: PathBuf = self.demo.pictures.join(format!("{name}.png"));
        window.screen(&file).await?;
        self.tells(&format!("picture: {}", file.display()));
        Ok(())
    }

    /// By hand: address, ID and password into the form, the unknown certificate compared and trusted.
    async fn alice_signs_in(&self, desktop: &Desktop) -> anyhow::Result<Window> {
        let window = desktop.open_app(&[]).await?;
        window.sign_in(&self.server.address()?, &self.demo.alice.id, &self.demo.password).await?;
        let shown = window.shown_fingerprint().await?;
        anyhow::ensure!(shown == self.server.fingerprint()?, "the window shows another fingerprint: {shown}");
        self.picture(&window, "sign-in-unknown-server").await?;
        window.trust_the_server().await?;
        window.is_online().await?;
        window.open_the_whole_tree().await?;
        self.tells("Alice has signed in by hand, has compared the server's fingerprint, and sees the tree");
        self.picture(&window, "organization").await?;
        Ok(window)
    }

    async fn opens_signed_in(&self, desktop: &Desktop, person: &Person) -> anyhow::Result<Window> {
        let password = desktop.write_file("password", &self.demo.password)?;
        let password = password.to_str().context("the file's name is no text")?;
        let (address, fingerprint) = (self.server.address()?, self.server.fingerprint()?);
        let window = desktop
            .open_app(&[
                "--server",
                &address,
                "--login",
                &person.id,
                "--password-file",
                password,
                "--accept-fingerprint",
                &fingerprint,
            ])
            .await?;
        window.open_the_whole_tree().await?;
        Ok(window)
    }

    async fn they_talk(&self, alice: &Window, bob: &Window) -> anyhow::Result<()> {
        let (alice_address, bob_address) = self.addresses();
        alice.sees_in_tree(&bob_address, "online").await?;
        alice.double_click_in_tree(&bob_address).await?;
        alice.can_write_at_once().await?;
        self.tells("Alice double-clicks Bob in the tree; the cursor stands in the composer");

        alice.write("你好，王磊！季度报表什么时候能发我？").await?;
        bob.opens_unread(&alice_address, 1).await?;
        self.tells("Bob sees one unread message and opens it");
        bob.write("你好，陈静。正在收尾，十分钟后发给你").await?;
        bob.write("对了，预算表的模板换新的了").await?;
        alice.write("好的，模板我用新的").await?;
        let all = [
            "你好，王磊！季度报表什么时候能发我？",
            "你好，陈静。正在收尾，十分钟后发给你",
            "对了，预算表的模板换新的了",
            "好的，模板我用新的",
        ];
        alice.reads(&all).await?;
        bob.reads(&all).await?;
        alice.sees_own_message("好的，模板我用新的", &["delivered", "read"]).await?;
        self.tells("they talk both ways; Alice sees that her words arrived");
        self.picture(alice, "conversation-alice").await?;
        self.picture(bob, "conversation-bob").await
    }

    async fn bob_is_away(&self, alice: &Window) -> anyhow::Result<()> {
        self.alice_goes_on_writing(alice).await?;
        self.alice_reaches_bobs_phone(alice).await?;
        self.the_office_writes_to_both(alice).await?;
        self.bobs_phone_asks_for_tasks().await?;
        self.alice_opens_the_task(alice).await?;
        self.alice_asks_with_a_button(alice).await
    }

    async fn alice_goes_on_writing(&self, alice: &Window) -> anyhow::Result<()> {
        let (_, bob_address) = self.addresses();
        alice.sees_in_tree(&bob_address, "offline").await?;
        self.tells("Alice sees that Bob is gone");
        for text in WHILE_AWAY {
            alice.write(text).await?;
        }
        for text in WHILE_AWAY {
            alice.sees_own_message(text, &["sent"]).await?;
        }
        self.tells(&format!("Alice has written {} messages; the server keeps them", WHILE_AWAY.len()));
        self.picture(alice, "colleague-away").await
    }

    /// Bob has no computer at hand: Alice writes to his phone, and he answers from it.
    async fn alice_reaches_bobs_phone(&self, alice: &Window) -> anyhow::Result<()> {
        alice.also_texts(true).await?;
        alice.type_without_sending(TO_THE_PHONE).await?;
        self.picture(alice, "text-message-counted").await?;
        alice.send_written().await?;
        let sent = self.gateway.network.wait_for(1, PHONE_PATIENCE).await?;
        let text = sent.first().context("no text")?;
        anyhow::ensure!(text.text.contains(TO_THE_PHONE), "the phone reads {:?}", text.text);
        self.tells(&format!("Bob's phone {} reads: {}", text.number, text.text.replace('\n', " ")));
        alice.sees_sms(TO_THE_PHONE, "delivered").await?;
        self.tells("Alice sees that the text is on the phone");
        self.gateway.network.write(&text.number, &text.modem, FROM_THE_PHONE);
        alice.sees_sms(FROM_THE_PHONE, "received").await?;
        self.tells("Bob's answer from the phone stands in the same chat, marked as a text message");
        self.picture(alice, "text-message").await?;
        alice.also_texts(false).await
    }

    async fn bob_finds_everything(&self, alice: &Window, bob: &Window) -> anyhow::Result<()> {
        let (alice_address, _) = self.addresses();
        // The message to the phone waits for the client as well.
        let missed = u32::try_from(WHILE_AWAY.len() + 1).unwrap_or(u32::MAX);
        bob.opens_unread(&alice_address, missed).await?;
        self.tells(&format!("Bob sees {missed} unread messages"));
        let mut all = vec![
            "你好，王磊！季度报表什么时候能发我？",
            "你好，陈静。正在收尾，十分钟后发给你",
            "对了，预算表的模板换新的了",
            "好的，模板我用新的",
        ];
        all.extend(WHILE_AWAY);
        all.extend([TO_THE_PHONE, FROM_THE_PHONE]);
        bob.reads(&all).await?;
        self.tells("Bob finds everything, in order, nothing twice");
        self.picture(bob, "after-the-absence").await?;
        for text in WHILE_AWAY {
            alice.sees_own_message(text, &["delivered", "read"]).await?;
        }
        bob.write("都看到了，合计已经改好，明天见！").await?;
        all.push("都看到了，合计已经改好，明天见！");
        alice.reads(&all).await?;
        self.tells("Alice sees that everything arrived, and Bob's answer");
        self.picture(alice, "caught-up").await
    }

    /// Views for the documentation that the scene does not pass.
    async fn pictures_of_the_rest(&self, alice: &Window) -> anyhow::Result<()> {
        alice.search("wl").await?;
        self.picture(alice, "search").await?;
        alice.leave_search().await?;
        alice.open_settings().await?;
        alice.choose("setting-language", "en").await?;
        self.picture(alice, "settings-english").await?;
        alice.choose("setting-language", "zh-CN").await?;
        alice.close_settings().await?;
        self.pictures_of_looks(alice).await
    }

    async fn pictures_of_looks(&self, alice: &Window) -> anyhow::Result<()> {
        alice.open_settings().await?;
        alice.choose("setting-theme", "dark").await?;
        alice.close_settings().await?;
        self.picture(alice, "dark").await?;
        alice.open_settings().await?;
        alice.choose("setting-theme", "light").await?;
        alice.close_settings().await?;
        alice.resize(900, 600).await?;
        self.picture(alice, "small-window").await
    }

    /// What is written while the server is down waits, and is there once it is back.
    async fn the_server_is_away_for_a_moment(&mut self, alice: &Window) -> anyhow::Result<()> {
        self.server.stop().await?;
        alice.is_cut_off().await?;
        alice.write("服务器在维护，这条稍后自动发出").await?;
        alice.sees_own_message("服务器在维护，这条稍后自动发出", &["queued"]).await?;
        self.tells("the server is stopped; what Alice writes waits");
        self.picture(alice, "server-away").await?;
        self.server.run().await?;
        alice.sees_own_message("服务器在维护，这条稍后自动发出", &["sent", "delivered", "read"]).await?;
        self.tells("the server is back; the message has gone out by itself");
        Ok(())
    }

    fn addresses(&self) -> (String, String) {
        (format!("{}@{DOMAIN}", self.demo.alice.id), format!("{}@{DOMAIN}", self.demo.bob.id))
    }
}
