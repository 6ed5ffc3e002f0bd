//! The echo server of the benchmark, made of server functions of Dioxus. It does what its standard input asks: "stats" and
//! "gc", the latter after the allocator has given free memory back.

use dioxus::prelude::*;
use dioxus::server::{axum, DioxusRouterExt, FullstackState};
use dioxus_fullstack::{CborEncoding, Encoding, JsonEncoding, Message, MsgPackEncoding, TypedWebsocket, WebSocketOptions, Websocket};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};

/// What msg.go calls so.
#[derive(Serialize, Deserialize)]
struct Small {
    id: i64,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct Ten {
    id: u64,
    name: String,
    email: String,
    active: bool,
    score: f64,
    age: i64,
    tags: Vec<String>,
    counts: Vec<i64>,
    location: String,
    note: String,
}

#[derive(Serialize, Deserialize)]
struct Big {
    records: Vec<Ten>,
}

#[get("/echo/raw")]
async fn raw(options: WebSocketOptions) -> Result<Websocket> {
    Ok(options.on_upgrade(|mut socket: TypedWebsocket<String, String>| async move {
        while let Ok(message @ (Message::Text(_) | Message::Binary(_))) = socket.recv_raw().await {
            if socket.send_raw(message).await.is_err() {
                return;
            }
        }
    }))
}

fn echo<T, E>(options: WebSocketOptions) -> Result<Websocket<T, T, E>>
where
    T: Serialize + DeserializeOwned + 'static,
    E: Encoding,
{
    Ok(options.on_upgrade(|mut socket: TypedWebsocket<T, T, E>| async move {
        while let Ok(message) = socket.recv().await {
            if socket.send(message).await.is_err() {
                return;
            }
        }
    }))
}

macro_rules! echoes {
    ($($name:ident $path:literal: $type:ty, $encoding:ty;)*) => {
        $(#[get($path)]
        async fn $name(options: WebSocketOptions) -> Result<Websocket<$type, $type, $encoding>> {
            echo(options)
        })*
    };
}

echoes! {
    small_json "/echo/json/small": Small, JsonEncoding;
    small_cbor "/echo/cbor/small": Small, CborEncoding;
    small_msgpack "/echo/msgpack/small": Small, MsgPackEncoding;
    ten_json "/echo/json/ten": Ten, JsonEncoding;
    ten_cbor "/echo/cbor/ten": Ten, CborEncoding;
    ten_msgpack "/echo/msgpack/ten": Ten, MsgPackEncoding;
    big_json "/echo/json/big": Big, JsonEncoding;
    big_cbor "/echo/cbor/big": Big, CborEncoding;
    big_msgpack "/echo/msgpack/big": Big, MsgPackEncoding;
}

async fn obey() -> std::io::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        if line == "gc" {
            // SAFETY: it may be called at any time.
            unsafe { libc::malloc_trim(0) };
        }
        println!("{{}}"); // the allocator does not count
    }
    Ok(())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = axum::Router::new().register_server_functions().with_state(FullstackState::headless());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serde_json::json!({"addr": listener.local_addr()?.to_string(), "version": "0.7.10"}));
    tokio::select! {
        result = async { axum::serve(listener, router).await } => result,
        result = obey() => result,
    }
}
