//! Writes the types that the window shares with the engine into `ui/src/backend/generated.ts`; with
//! `--check` it only compares.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use posthouse_engine::{error, events, model};
use ts_rs::{Config, TS, TypeVisitor};

const HEAD: &str =
    "// Generated from the engine's types by `cargo xtask generate-types`. Do not edit by hand.\n";

/// Declarations by name: a type, and every type it is made of.
struct Declarations {
    config: Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Types without a file of their own are the language's.
        if T::output_path().is_none() || self.found.contains_key(&T::ident(&self.config)) {
            return;
        }
        self.found.insert(T::ident(&self.config), T::decl(&self.config));
        T::visit_dependencies(self);
    }
}

fn types() -> String {
    let mut declarations = Declarations { config: Config::new(), found: BTreeMap::new() };
    declarations.visit::<events::EngineEvent>();
    declarations.visit::<error::EngineError>();
    declarations.visit::<model::SavedSignIn>();
    declarations.visit::<model::SignIn>();
    declarations.visit::<model::ConnectionTestStep>();
    declarations.visit::<model::TreeBatch>();
    declarations.visit::<model::PersonHit>();
    declarations.visit::<model::PersonCard>();
    declarations.visit::<model::ConversationPage>();
    declarations.visit::<model::DeliveryWish>();
    declarations.visit::<model::QueryContact>();
    declarations.visit::<model::Settings>();
    declarations.visit::<model::BusinessSystem>();
    declarations.visit::<model::BusinessTabEvent>();
    declarations.visit::<model::GatewayStatus>();
    declarations.visit::<model::NoticeFilter>();
    declarations.visit::<model::NoticePage>();
    declarations.visit::<model::NoticeStep>();
    declarations.visit::<model::NoticeValue>();
    declarations.visit::<model::MemoryUse>();
    declarations.visit::<model::TabAction>();
    declarations.visit::<model::TabPlace>();
    let mut text = HEAD.to_owned();
    for declaration in declarations.found.values() {
        text.push_str("\nexport ");
        text.push_str(declaration);
        text.push('\n');
    }
    text
}

fn main() -> ExitCode {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/backend/generated.ts");
    let types = types();
    let outcome = if std::env::args().any(|word| word == "--check") {
        match std::fs::read_to_string(&file) {
            Ok(written) if written == types => Ok(()),
            Ok(_) => Err("ui/src/backend/generated.ts is stale: cargo xtask generate-types".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    } else {
        std::fs::write(&file, types).map_err(|error| error.to_string())
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            // Nobody is left to tell when the terminal is gone.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
