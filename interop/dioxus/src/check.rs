//! Both ends of a conversation in which every message is known beforehand: the client sends the samples, the server
//! answers each with its own, and each end compares what it gets with what it has.

use dioxus_fullstack::{CloseCode, Encoding, Websocket, WebsocketError};
use serde::{de::DeserializeOwned, Serialize};
use std::fmt::Debug;

/// The values are the same. Their texts are compared, because NaN is not equal to itself and 0.0 is equal to -0.0.
pub fn same<T: Debug>(got: &T, want: &T) -> Result<(), String> {
    let (got, want) = (format!("{got:?}"), format!("{want:?}"));
    if got == want {
        return Ok(());
    }
    Err(format!("got {got:.1000}, want {want:.1000}"))
}

/// The client's end.
pub async fn ask<T, E>(ws: Websocket<T, T, E>, samples: fn() -> Vec<T>) -> Result<(), String>
where
    T: Serialize + DeserializeOwned + Debug,
    E: Encoding,
{
    for (i, (sample, want)) in samples().into_iter().zip(samples()).enumerate() {
        ws.send(sample).await.map_err(|e| format!("sample {i}: send: {e:?}"))?;
        let got = ws.recv().await.map_err(|e| format!("sample {i}, {want:?}: {e:?}"))?;
        same(&got, &want).map_err(|e| format!("sample {i}: {e}"))?;
    }
    match ws.recv().await {
        Err(WebsocketError::ConnectionClosed { code: CloseCode::Normal, description }) if description.is_empty() => Ok(()),
        other => Err(format!("at the end: {other:?}")),
    }
}

/// The server's end. It says with a Close frame what became of the comparison.
#[cfg(feature = "server")]
pub fn answer<T, E>(
    options: dioxus_fullstack::WebSocketOptions,
    count: usize,
    samples: fn() -> Vec<T>,
) -> Result<Websocket<T, T, E>, dioxus_fullstack::HttpError>
where
    T: Serialize + DeserializeOwned + Debug + 'static,
    E: Encoding,
{
    use dioxus_fullstack::{HttpError, StatusCode, TypedWebsocket};

    let known = samples().len();
    if count != known {
        return HttpError::err(StatusCode::CONFLICT, format!("{known} samples here, {count} there"));
    }
    Ok(options.on_upgrade(move |mut ws: TypedWebsocket<T, T, E>| async move {
        for (i, want) in samples().into_iter().enumerate() {
            let fault = match ws.recv().await {
                Ok(got) => same(&got, &want).err(),
                Err(e) => Some(format!("want {want:?}: {e:?}")),
            };
            if let Some(fault) = fault {
                return close(&mut ws, CloseCode::Library(4500), &format!("sample {i}: {fault}")).await;
            }
            if ws.send(want).await.is_err() {
                return;
            }
        }
        close(&mut ws, CloseCode::Normal, "").await
    }))
}

/// Sends a Close frame and waits until the peer has answered it, which Dioxus leaves to the program.
#[cfg(feature = "server")]
pub async fn close<I, O, E>(ws: &mut dioxus_fullstack::TypedWebsocket<I, O, E>, code: CloseCode, reason: &str)
where
    I: DeserializeOwned,
    O: Serialize,
    E: Encoding,
{
    let mut end = reason.len().min(123); // what a control frame has room for
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let reason = reason[..end].to_string();
    if ws.send_raw(dioxus_fullstack::Message::Close { code, reason }).await.is_ok() {
        while ws.recv_raw().await.is_ok() {}
    }
}

/// The server's end of a call that carries all in its parameters: tells the client what has arrived.
#[cfg(feature = "server")]
pub fn tell<T>(
    options: dioxus_fullstack::WebSocketOptions,
    case: usize,
    got: T,
    samples: fn() -> Vec<T>,
) -> Result<Websocket<(), T>, dioxus_fullstack::HttpError>
where
    T: Serialize + Debug + Send + 'static,
{
    use dioxus_fullstack::{HttpError, JsonEncoding, StatusCode, TypedWebsocket};

    let fault = samples().get(case).map_or(Some("no such case".into()), |want| same(&got, want).err());
    if let Some(fault) = fault {
        return HttpError::err(StatusCode::CONFLICT, fault);
    }
    Ok(options.on_upgrade(move |mut ws: TypedWebsocket<(), T, JsonEncoding>| async move {
        if ws.send(got).await.is_ok() {
            close(&mut ws, CloseCode::Normal, "").await;
        }
    }))
}

/// The client's end of such a call.
pub async fn told<T>(ws: Websocket<(), T>, want: T) -> Result<(), String>
where
    T: DeserializeOwned + Debug,
{
    let got = ws.recv().await.map_err(|e| format!("{e:?}"))?;
    same(&got, &want)?;
    match ws.recv().await {
        Err(WebsocketError::ConnectionClosed { code: CloseCode::Normal, description }) if description.is_empty() => Ok(()),
        other => Err(format!("at the end: {other:?}")),
    }
}
