//! A page with the example of the documentation of Dioxus, drawn in the browser.

use dioxus::prelude::*;
use dioxus_fullstack::{use_websocket, WebSocketOptions, WebsocketError};
use tandem_dioxus::model::{ClientEvent, ServerEvent};
use tandem_dioxus::talk::uppercase_ws;

fn main() {
    dioxus::launch(App);
}

#[component]
fn App() -> Element {
    let mut name = use_signal(|| "Ada".to_string());
    let mut messages = use_signal(Vec::<String>::new);
    let mut errors = use_signal(Vec::<String>::new);
    let mut socket = use_websocket(move || uppercase_ws(name(), 36, WebSocketOptions::new()));

    use_future(move || async move {
        loop {
            socket.connect().await;
            match socket.recv().await {
                Ok(ServerEvent::Uppercase(text)) => messages.push(text),
                Err(e) => {
                    errors.push(format!("{e:?}"));
                    // Else the socket is another one by now, because the name is.
                    if !matches!(e, WebsocketError::ConnectionClosed { ref description, .. } if description.contains("replaced")) {
                        return;
                    }
                }
            }
        }
    });

    rsx! {
        input { id: "name", value: "{name}", oninput: move |e| name.set(e.value()) }
        input { id: "text", oninput: move |e| async move { _ = socket.send(ClientEvent::TextInput(e.value())).await } }
        p { id: "status", "{socket.status():?}" }
        ul { id: "messages",
            for message in messages.iter() {
                li { "{message}" }
            }
        }
        ul { id: "errors",
            for error in errors.iter() {
                li { "{error}" }
            }
        }
    }
}
