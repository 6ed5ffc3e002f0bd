//! Conversations: raw frames, all ways in which one ends, large messages and many at once.

use crate::model::{ClientEvent, ServerEvent};
use dioxus::prelude::*;
use dioxus_fullstack::{get, CborEncoding, CloseCode, JsonEncoding, Message, WebSocketOptions, Websocket};

#[cfg(feature = "server")]
use {
    crate::{check::close, report},
    dioxus_fullstack::{TypedWebsocket, WebsocketError},
    futures::{SinkExt, StreamExt},
};

/// The example of the page on websockets in the documentation of Dioxus.
#[get("/api/uppercase_ws?name&age")]
pub async fn uppercase_ws(name: String, age: i32, options: WebSocketOptions) -> Result<Websocket<ClientEvent, ServerEvent, CborEncoding>> {
    Ok(options.on_upgrade(move |mut socket| async move {
        let greeting = format!("Hello, {name}! You are {age} years old.");
        _ = socket.send(ServerEvent::Uppercase(greeting)).await;
        while let Ok(ClientEvent::TextInput(next)) = socket.recv().await {
            _ = socket.send(ServerEvent::Uppercase(next.to_uppercase())).await;
        }
    }))
}

/// A frame that is asked for: "text hi", "binary hi", "ping hi", "pong hi", "close 4001 bye".
pub fn frame(order: &str) -> Option<Message> {
    let (kind, rest) = order.split_once(' ')?;
    let data = bytes::Bytes::from(rest.to_string());
    Some(match kind {
        "text" => Message::Text(rest.into()),
        "binary" => Message::Binary(data),
        "ping" => Message::Ping(data),
        "pong" => Message::Pong(data),
        "close" => {
            let (code, reason) = rest.split_once(' ')?;
            Message::Close { code: CloseCode::from(code.parse::<u16>().ok()?), reason: reason.into() }
        }
        _ => return None,
    })
}

/// Tells what frames come. A text "send ..." asks for the frame behind it.
#[get("/raw")]
pub async fn raw(options: WebSocketOptions) -> Result<Websocket<String, String>> {
    Ok(options.on_upgrade(|mut ws: TypedWebsocket<String, String>| async move {
        loop {
            match ws.recv_raw().await {
                Ok(Message::Text(order)) if order.starts_with("send ") => {
                    let frame = frame(&order["send ".len()..]).expect("a frame");
                    if let Err(e) = ws.send_raw(frame).await {
                        report("error", format!("{e:?}"));
                    }
                }
                Ok(frame) => report("frame", format!("{frame:?}")),
                Err(e) => return report("end", format!("{e:?}")),
            }
        }
    }))
}

/// Ends in the way that is asked for. Before, the client has a message.
#[get("/end/{how}")]
pub async fn end(how: String, options: WebSocketOptions) -> Result<Websocket<String, String>> {
    Ok(options.on_upgrade(|mut ws: TypedWebsocket<String, String>| async move {
        if ws.send("hello".into()).await.is_err() {
            return;
        }
        match how.as_str() {
            "returns" => {}
            "panics" => panic!("out of order"),
            "closes" => close(&mut ws, CloseCode::Normal, "done").await,
            "closes with a code" => close(&mut ws, CloseCode::Library(4001), "bye").await,
            "closes and returns" => {
                let _ = ws.send_raw(Message::Close { code: CloseCode::Library(4001), reason: "bye".into() }).await;
            }
            "closes without a code" => {
                let _ = SinkExt::close(&mut ws).await;
                while ws.recv_raw().await.is_ok() {}
            }
            // The loop of the documentation, which ends with the first error.
            "receives" => loop {
                match ws.recv().await {
                    Ok(text) => report("message", text),
                    Err(e) => return report("end", format!("{e:?}")),
                }
            },
            // What it takes to have the peer's Close frame answered.
            "receives on" => {
                report("end", format!("{:?}", ws.recv().await));
                while ws.recv_raw().await.is_ok() {}
                report("gone", "");
            }
            _ => report("error", how),
        }
    }))
}

/// Takes numbers, and survives what is none.
#[get("/numbers")]
pub async fn numbers(options: WebSocketOptions) -> Result<Websocket<i32, i32>> {
    Ok(options.on_upgrade(|mut ws: TypedWebsocket<i32, i32>| async move {
        loop {
            match ws.recv().await {
                Ok(n) => {
                    if ws.send(n + 1).await.is_err() {
                        return;
                    }
                }
                Err(WebsocketError::Deserialization(e)) => report("error", e),
                Err(e) => return report("end", format!("{e:?}")),
            }
        }
    }))
}

/// Sends a text of so many letters and waits for one.
#[get("/large?down&up")]
pub async fn large(down: usize, up: usize, options: WebSocketOptions) -> Result<Websocket<String, String>> {
    Ok(options.on_upgrade(move |mut ws: TypedWebsocket<String, String>| async move {
        if let Err(e) = ws.send("x".repeat(down)).await {
            return report("error", format!("{e:?}"));
        }
        match ws.recv().await {
            Ok(text) if text.len() == up && text.bytes().all(|b| b == b'X') => close(&mut ws, CloseCode::Normal, "as long as said").await,
            Ok(text) => close(&mut ws, CloseCode::Library(4500), &format!("{} letters", text.len())).await,
            Err(e) => report("end", format!("{e:?}")),
        }
    }))
}

/// Sends so many numbers, while as many come.
#[get("/burst?count")]
pub async fn burst(count: u32, options: WebSocketOptions) -> Result<Websocket<u32, u32, JsonEncoding>> {
    Ok(options.on_upgrade(move |ws: TypedWebsocket<u32, u32>| async move {
        let (mut out, mut incoming) = ws.split();
        let send = async {
            for n in 0..count {
                out.send(n).await.map_err(|e| format!("{e:?}"))?;
            }
            Ok::<_, String>(())
        };
        let receive = async {
            for n in 0..count {
                match incoming.next().await {
                    Some(Ok(got)) if got == n => {}
                    other => return Err(format!("{other:?}, want {n}")),
                }
            }
            Ok(())
        };
        let (sent, received) = futures::join!(send, receive);
        report("burst", format!("sent {sent:?}, received {received:?}"));
        let mut ws = out.reunite(incoming).expect("halves of one");
        close(&mut ws, CloseCode::Normal, "").await;
    }))
}

/// The client's ends.
#[cfg(feature = "client")]
pub mod client {
    use super::*;
    use crate::report;

    fn text<E: std::fmt::Debug>(e: E) -> String {
        format!("{e:?}")
    }

    /// The example, with these words.
    pub async fn uppercase(words: Vec<String>) -> Result<(), String> {
        let socket = uppercase_ws("Ada".into(), 36, WebSocketOptions::new()).await.map_err(text)?;
        report("message", text(socket.recv().await.map_err(text)?));
        for word in words {
            socket.send(ClientEvent::TextInput(word)).await.map_err(text)?;
            report("message", text(socket.recv().await.map_err(text)?));
        }
        Ok(())
    }

    /// Sends frames and tells which come, until the end.
    pub async fn frames(orders: Vec<String>) -> Result<(), String> {
        let ws = raw(WebSocketOptions::new()).await.map_err(text)?;
        for order in orders {
            ws.send_raw(frame(&order).ok_or(order)?).await.map_err(text)?;
        }
        loop {
            match ws.recv_raw().await {
                Ok(frame) => report("frame", text(frame)),
                Err(e) => {
                    report("end", text(e));
                    return Ok(());
                }
            }
        }
    }

    /// Receives until there is an error, and tells which. Then it drops the socket, as a program does that has ended.
    pub async fn receive(how: String) -> Result<(), String> {
        let ws = end(how, WebSocketOptions::new()).await.map_err(text)?;
        loop {
            match ws.recv().await {
                Ok(message) => report("message", message),
                Err(e) => {
                    report("end", text(e));
                    return Ok(());
                }
            }
        }
    }

    /// Receives one message and leaves, with or without a word.
    pub async fn leave(order: Option<String>) -> Result<(), String> {
        let ws = end("receives".into(), WebSocketOptions::new()).await.map_err(text)?;
        report("message", ws.recv().await.map_err(text)?);
        if let Some(order) = order {
            ws.send_raw(frame(&order).ok_or(order)?).await.map_err(text)?;
            loop {
                match ws.recv_raw().await {
                    Ok(frame) => report("frame", text(frame)),
                    Err(e) => {
                        report("end", text(e));
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends numbers, and behind them a text if nonsense is asked for. Tells what is answered.
    pub async fn count(count: i32, nonsense: bool) -> Result<(), String> {
        let ws = numbers(WebSocketOptions::new()).await.map_err(text)?;
        for n in 0..count {
            ws.send(n).await.map_err(text)?;
            match ws.recv().await {
                Ok(got) => report("message", got),
                Err(e) => report("error", text(e)),
            }
        }
        if nonsense {
            ws.send_raw("\"no number\"".into()).await.map_err(text)?;
            report("error", text(ws.recv().await.err()));
        }
        Ok(())
    }

    /// Receives a text of so many letters and sends one.
    pub async fn large(down: usize, up: usize) -> Result<(), String> {
        let ws = super::large(down, up, WebSocketOptions::new()).await.map_err(text)?;
        let got = ws.recv().await.map_err(text)?;
        if got.len() != down || got.bytes().any(|b| b != b'x') {
            return Err(format!("{} letters", got.len()));
        }
        ws.send("X".repeat(up)).await.map_err(text)?;
        report("end", text(ws.recv().await));
        Ok(())
    }

    /// Sends so many numbers, while as many come.
    pub async fn burst(count: u32) -> Result<(), String> {
        let ws = super::burst(count, WebSocketOptions::new()).await.map_err(text)?;
        let send = async {
            for n in 0..count {
                ws.send(n).await.map_err(text)?;
            }
            Ok::<_, String>(())
        };
        let receive = async {
            for n in 0..count {
                let got = ws.recv().await.map_err(text)?;
                if got != n {
                    return Err(format!("{got}, want {n}"));
                }
            }
            Ok(())
        };
        tokio::try_join!(send, receive)?;
        report("end", text(ws.recv().await));
        Ok(())
    }
}
