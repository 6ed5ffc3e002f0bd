//! A server of Dioxus with all server functions of the crate. Says its port, and ends with its standard input.

use dioxus::server::{axum, DioxusRouterExt, FullstackState};
use tandem_dioxus::report;
use tokio::io::AsyncReadExt;

// The functions are found by the linker.
extern crate tandem_dioxus as _;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = axum::Router::new().register_server_functions().with_state(FullstackState::headless());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    report("listening", listener.local_addr()?);
    tokio::select! {
        result = async { axum::serve(listener, router).await } => result,
        result = async { tokio::io::stdin().read_to_end(&mut Vec::new()).await } => result.map(drop),
    }
}
