//! Values about which Dioxus and tandem do not agree. The server sends its value, and tells then for each message what
//! it reads. differs_test.go knows the answers.

use crate::model::*;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use dioxus_fullstack::{CborEncoding, Encoding, JsonEncoding, Message, MsgPackEncoding, TypedWebsocket, WebSocketOptions, Websocket};
use serde::{de::DeserializeOwned, Serialize};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::IpAddr;
use std::time::Duration;

fn probe<T, E>(options: WebSocketOptions, value: T) -> Websocket<T, T, E>
where
    T: Serialize + DeserializeOwned + Debug + Send + 'static,
    E: Encoding,
{
    options.on_upgrade(|mut ws: TypedWebsocket<T, T, E>| async move {
        if let Err(e) = ws.send(value).await {
            let _ = ws.send_raw(format!("{e:?}").into()).await;
        }
        while let Ok(message) = ws.recv_raw().await {
            let data = match message {
                Message::Text(text) => text.into(),
                Message::Binary(data) => data,
                _ => continue,
            };
            let answer = E::decode::<T>(data).map_or("refused".into(), |value| format!("{value:?}"));
            if ws.send_raw(answer.into()).await.is_err() {
                return;
            }
        }
    })
}

macro_rules! probes {
    ($($name:ident $path:literal: $type:ty, $encoding:ident = $value:expr;)*) => {
        $(#[get($path)]
        pub async fn $name(options: WebSocketOptions) -> Result<Websocket<$type, $type, $encoding>> {
            Ok(probe(options, $value))
        })*
    };
}

probes! {
    nan "/differs/nan": f64, JsonEncoding = f64::NAN;
    bytes_json "/differs/bytes_json": Vec<u8>, JsonEncoding = vec![1, 2, 200];
    skipped "/differs/skipped": Sparse, MsgPackEncoding = Sparse { a: 1, b: None, c: 3 };
    internal_unit "/differs/internal_unit": Internal, MsgPackEncoding = Internal::B;
    adjacent_unit "/differs/adjacent_unit": Adjacent, MsgPackEncoding = Adjacent::C;
    braces_json "/differs/braces_json": Braces, JsonEncoding = Braces::Empty {};
    braces_cbor "/differs/braces_cbor": Braces, CborEncoding = Braces::Empty {};
    braces_msgpack "/differs/braces_msgpack": Braces, MsgPackEncoding = Braces::Empty {};
    nested_option_json "/differs/nested_option_json": Option<Option<i32>>, JsonEncoding = Some(None);
    nested_option_cbor "/differs/nested_option_cbor": Option<Option<i32>>, CborEncoding = Some(None);
    nested_option_msgpack "/differs/nested_option_msgpack": Option<Option<i32>>, MsgPackEncoding = Some(None);
    tuple_key_cbor "/differs/tuple_key_cbor": BTreeMap<(u8, u8), u8>, CborEncoding = [((1, 2), 3)].into();
    tuple_key_msgpack "/differs/tuple_key_msgpack": BTreeMap<(u8, u8), u8>, MsgPackEncoding = [((1, 2), 3)].into();
    grown_json "/differs/grown_json": Before, JsonEncoding = Before { a: 1 };
    grown_cbor "/differs/grown_cbor": Before, CborEncoding = Before { a: 1 };
    grown_msgpack "/differs/grown_msgpack": Before, MsgPackEncoding = Before { a: 1 };
    shrunk_json "/differs/shrunk_json": After, JsonEncoding = After { a: 1, b: Some("x".into()) };
    shrunk_cbor "/differs/shrunk_cbor": After, CborEncoding = After { a: 1, b: Some("x".into()) };
    shrunk_msgpack "/differs/shrunk_msgpack": After, MsgPackEncoding = After { a: 1, b: Some("x".into()) };
    deep_json "/differs/deep_json": Chain, JsonEncoding = chain(70);
    deep_cbor "/differs/deep_cbor": Chain, CborEncoding = chain(70);
    deep_msgpack "/differs/deep_msgpack": Chain, MsgPackEncoding = chain(70);
    wide_msgpack "/differs/wide_msgpack": u128, MsgPackEncoding = u128::MAX;
    address_cbor "/differs/address_cbor": IpAddr, CborEncoding = IpAddr::from([127, 0, 0, 1]);
    duration_json "/differs/duration_json": Duration, JsonEncoding = Duration::new(1, 500);
    character_json "/differs/character_json": char, JsonEncoding = 'é';
    float_cbor "/differs/float_cbor": f64, CborEncoding = 1.0;
    trailing_cbor "/differs/trailing_cbor": i32, CborEncoding = 5;
    time_json "/differs/time_json": DateTime<Utc>, JsonEncoding = DateTime::UNIX_EPOCH;
}

fn chain(length: u8) -> Chain {
    Chain { value: length, next: (length > 1).then(|| Box::new(chain(length - 1))) }
}
