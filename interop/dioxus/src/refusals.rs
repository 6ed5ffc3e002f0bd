//! Errors before the upgrade, of every type that a server function may return.

use dioxus::prelude::*;
use dioxus_fullstack::{AsStatusCode, HttpError, ServerFnError, StatusCode, WebSocketOptions, Websocket};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An error of the application's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    Banned { until: u32, rooms: Vec<String> },
    Other(ServerFnError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Refusal::Banned { until, .. } => write!(f, "banned until {until}"),
            Refusal::Other(e) => e.fmt(f),
        }
    }
}

impl From<ServerFnError> for Refusal {
    fn from(e: ServerFnError) -> Self {
        Refusal::Other(e)
    }
}

impl AsStatusCode for Refusal {
    fn as_status_code(&self) -> StatusCode {
        match self {
            Refusal::Banned { .. } => StatusCode::FORBIDDEN,
            Refusal::Other(e) => e.as_status_code(),
        }
    }
}

#[get("/refuse/http_error")]
pub async fn http_error(options: WebSocketOptions) -> Result<Websocket, HttpError> {
    let _ = options;
    HttpError::err(StatusCode::IM_A_TEAPOT, "no coffee here")
}

#[get("/refuse/status_code")]
pub async fn status_code(options: WebSocketOptions) -> Result<Websocket, StatusCode> {
    let _ = options;
    Err(StatusCode::UNAUTHORIZED)
}

#[get("/refuse/server_fn_error")]
pub async fn server_fn_error(options: WebSocketOptions) -> Result<Websocket, ServerFnError> {
    let _ = options;
    Err(ServerFnError::ServerError { message: "not paid".into(), code: 402, details: Some(serde_json::json!({"due": 5})) })
}

#[get("/refuse/own")]
pub async fn own(options: WebSocketOptions) -> Result<Websocket, Refusal> {
    let _ = options;
    Err(Refusal::Banned { until: 7, rooms: vec!["lobby".into()] })
}

#[get("/refuse/captured")]
pub async fn captured(options: WebSocketOptions) -> Result<Websocket> {
    let _ = options;
    Err(HttpError::new(StatusCode::NOT_FOUND, "no such room").into())
}

#[get("/refuse/panic")]
pub async fn panics(options: WebSocketOptions) -> Result<Websocket, HttpError> {
    let _ = options;
    panic!("out of order")
}

#[get("/refuse/number/{n}?m")]
pub async fn number(n: u8, m: u8, options: WebSocketOptions) -> Result<Websocket, HttpError> {
    let _ = (n, m);
    Ok(options.on_upgrade(|_: dioxus_fullstack::TypedWebsocket<String, String>| async {}))
}

/// Makes a call that is refused, and says with which error.
#[cfg(not(feature = "server"))]
pub async fn run(name: &str) -> Result<(), String> {
    fn text<E: fmt::Debug>(e: E) -> String {
        format!("{e:?}")
    }
    let options = WebSocketOptions::new();
    match name {
        "http_error" => http_error(options).await.map_err(text),
        "status_code" => status_code(options).await.map_err(text),
        "server_fn_error" => server_fn_error(options).await.map_err(text),
        "own" => own(options).await.map_err(text),
        "captured" => captured(options).await.map_err(|e| e.to_string()),
        "panic" => panics(options).await.map_err(text),
        "number" => number(7, 8, options).await.map_err(text),
        _ => Err(format!("no refusal {name}")),
    }
    .map(drop)
}
