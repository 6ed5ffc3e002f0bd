//! Dioxus as a peer of tandem. The server functions are declared once: with the feature `server` they are routes of a
//! server, without it they are calls to one, which may as well be written in Go. The Go tests beside this crate run the
//! programs and are the other end.

#[cfg(any(feature = "server", feature = "client"))]
pub mod check;
#[cfg(feature = "server")]
pub mod differs;
#[cfg(any(feature = "server", feature = "client", feature = "web"))]
pub mod model;
#[cfg(any(feature = "server", feature = "client"))]
pub mod params;
#[cfg(any(feature = "server", feature = "client"))]
pub mod refusals;
#[cfg(any(feature = "server", feature = "client"))]
pub mod shapes;
#[cfg(any(feature = "server", feature = "client", feature = "web"))]
pub mod talk;

/// Tells the test what has happened: a line of JSON on the standard output.
#[cfg(not(target_arch = "wasm32"))]
pub fn report(event: &str, text: impl std::fmt::Display) {
    use std::io::Write;
    let line = serde_json::json!({"event": event, "text": text.to_string()});
    // Without a reader there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
