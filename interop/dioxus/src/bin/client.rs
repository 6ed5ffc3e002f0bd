//! A native client of Dioxus that does what it is told: a line of JSON for each call. It answers each with a line that
//! says "done" or "failed", behind lines about what has happened.
//!
//!     client http://127.0.0.1:8080

use dioxus_fullstack::set_server_url;
use serde::Deserialize;
use tandem_dioxus::{params, refusals, report, shapes, talk::client as talk};
use tokio::io::{AsyncBufReadExt, BufReader};

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    Shape {
        name: String,
        encoding: String,
    },
    Cases {
        name: String,
    },
    Params {
        name: String,
        case: usize,
    },
    Variant {
        name: String,
    },
    Refused {
        name: String,
    },
    Uppercase {
        words: Vec<String>,
    },
    Frames {
        send: Vec<String>,
    },
    Receive {
        how: String,
    },
    Leave {
        order: Option<String>,
    },
    Count {
        numbers: i32,
        #[serde(default)]
        nonsense: bool,
    },
    Large {
        down: usize,
        up: usize,
    },
    Burst {
        count: u32,
    },
}

async fn run(command: Command) -> Result<String, String> {
    match command {
        Command::Shape { name, encoding } => shapes::run(&name, &encoding).await,
        Command::Cases { name } => return params::run(&name, None).await.map(|n| n.to_string()),
        Command::Params { name, case } => params::run(&name, Some(case)).await.map(drop),
        Command::Variant { name } => params::run_variant(&name).await,
        Command::Refused { name } => refusals::run(&name).await,
        Command::Uppercase { words } => talk::uppercase(words).await,
        Command::Frames { send } => talk::frames(send).await,
        Command::Receive { how } => talk::receive(how).await,
        Command::Leave { order } => talk::leave(order).await,
        Command::Count { numbers, nonsense } => talk::count(numbers, nonsense).await,
        Command::Large { down, up } => talk::large(down, up).await,
        Command::Burst { count } => talk::burst(count).await,
    }
    .map(|()| String::new())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).expect("the URL of a server");
    set_server_url(url.leak());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match run(serde_json::from_str(&line).expect("a command")).await {
            Ok(text) => report("done", text),
            Err(text) => report("failed", text),
        }
    }
}
