//! Debian's ejabberd in a folder of its own, without a node name: it meets no other Erlang program.

use std::path::Path;

use posthouse_tests::server_process::DOMAIN;

use super::launch::{Launched, folder, free_address};
use super::{Kind, Server, Setup};
use crate::house::House;
use crate::people::{PASSWORD, Person};

/// Debian's settings for people; nothing for other servers, rooms or the web.
const MODULES: &str = "\
modules:
  mod_adhoc: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_last: {}
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub:
    plugins:
      - flat
      - pep
  mod_roster:
    versioning: true
  mod_stream_mgmt:
    resend_on_timeout: if_offline
  mod_vcard:
    search: false
  mod_version: {}
";

pub(super) async fn start(setup: Setup, house: &House) -> anyhow::Result<Server> {
    let folder = folder(Kind::Ejabberd)?;
    let address = free_address()?;
    let path = folder.path();
    // One file for certificate and key.
    let both = [std::fs::read(house.certificate())?, std::fs::read(house.key())?].concat();
    std::fs::write(path.join("both.pem"), both)?;
    let configuration = format!(
        "loglevel: warning\n\
         hosts:\n  - {DOMAIN}\n\
         certfiles:\n  - \"{data}/both.pem\"\n\
         auth_password_format: scram\n\
         auth_scram_hash: sha256\n\
         max_fsm_queue: 100000\n\
         listen:\n  -\n    port: {port}\n    ip: \"127.0.0.1\"\n    module: ejabberd_c2s\n    tls: true\n    \
         max_stanza_size: 262144\n    backlog: 4096\n\
         {MODULES}{archive}{everybody}",
        data = path.display(),
        port = address.port(),
        archive = if setup.has_archive { "  mod_mam:\n    default: always\n" } else { "" },
        everybody = if setup.all_see_all { "  mod_shared_roster: {}\n" } else { "" },
    );
    std::fs::write(path.join("ejabberd.yml"), configuration)?;
    std::fs::write(path.join("accounts.erl"), accounts(setup))?;
    let ready = path.join("ready");
    let mnesia = format!("\"{}\"", path.join("database").display());
    let expression = "{ok, Text} = file:read_file(\"accounts.erl\"), \
                      {ok, Tokens, _} = erl_scan:string(binary_to_list(Text)), \
                      {ok, Parsed} = erl_parse:parse_exprs(Tokens), \
                      {value, _, _} = erl_eval:exprs(Parsed, []).";
    let arguments = [
        "+K",
        "true",
        "+P",
        "250000",
        "+Q",
        "65536",
        "+sbwt",
        "none",
        "+sbwtdcpu",
        "none",
        "+sbwtdio",
        "none",
        "-noinput",
        "-mnesia",
        "dir",
        &mnesia,
        "-s",
        "ejabberd",
        "-eval",
        expression,
    ];
    let environment = [
        ("EJABBERD_CONFIG_PATH", path.join("ejabberd.yml")),
        ("EJABBERD_LOG_PATH", path.join("ejabberd.log")),
        ("ERL_LIBS", libraries(Path::new("/usr/lib"))),
        ("HOME", path.to_owned()),
    ];
    let launched = Launched::start(folder, "erl", &arguments, &environment)?;
    launched.ready(Kind::Ejabberd, address, Some(&ready)).await
}

/// What is run inside once it has started: all accounts with the keys of one password, and one group.
fn accounts(setup: Setup) -> String {
    let everybody = if setup.all_see_all {
        "mod_shared_roster:create_group(Host, <<\"all\">>, [{name, <<\"Company\">>}, {label, <<\"Company\">>}, \
         {description, <<>>}, {displayed_groups, [<<\"all\">>]}]), \
         mod_shared_roster:add_user_to_group(Host, {<<\"@all@\">>, Host}, <<\"all\">>),"
    } else {
        ""
    };
    let last = setup.people.saturating_sub(1);
    let sample = Person(0).login();
    format!(
        "{{ok, _}} = application:ensure_all_started(ejabberd), \
         Host = <<\"{DOMAIN}\">>, \
         ok = ejabberd_auth:try_register(<<\"{sample}\">>, Host, <<\"{PASSWORD}\">>), \
         Records = mnesia:dirty_match_object(mnesia:table_info(passwd, wild_pattern)), \
         [mnesia:dirty_write(setelement(2, Record, setelement(1, element(2, Record), \
         iolist_to_binary(io_lib:format(\"p~6..0b\", [Number]))))) \
         || Record <- Records, Number <- lists:seq(0, {last})], \
         {everybody} \
         ok = file:write_file(\"ready\", <<>>)."
    )
}

/// Where Debian keeps the libraries: below the folder of the processor's kind.
fn libraries(root: &Path) -> std::path::PathBuf {
    let folders = std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    folders
        .filter(|folder| folder.is_dir())
        .find(|folder| {
            let mut inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
            inside.any(|entry| entry.file_name().to_string_lossy().starts_with("ejabberd-"))
        })
        .unwrap_or_else(|| root.to_owned())
}
