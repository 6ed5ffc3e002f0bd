//! The shapes of messages: for each a type, its samples, and an endpoint in each encoding. shapes_test.go has the same
//! table with the types and samples of Go; a shape is an entry in both.
//!
//! The paths are spelled because the macros of Dioxus want literals.

use crate::check;
use crate::model::*;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use dioxus_fullstack::{HttpError, WebSocketOptions, Websocket};
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime};

/// The encodings under the names that tandem gives them.
#[allow(non_camel_case_types)]
mod encoding {
    pub type json = dioxus_fullstack::JsonEncoding;
    pub type cbor = dioxus_fullstack::CborEncoding;
    pub type msgpack = dioxus_fullstack::MsgPackEncoding;
}

macro_rules! shapes {
    ($($name:ident: $type:ty = $samples:expr, $($encoding:ident $path:literal),+;)*) => {
        /// Runs the client's end of a shape.
        #[cfg(not(feature = "server"))]
        pub async fn run(name: &str, encoding: &str) -> Result<(), String> {
            match name {
                $(stringify!($name) => $name::run(encoding).await,)*
                _ => Err(format!("no shape {name}")),
            }
        }

        $(pub mod $name {
            use super::*;

            fn samples() -> Vec<$type> { Vec::from($samples) }

            #[cfg(not(feature = "server"))]
            pub async fn run(encoding: &str) -> Result<(), String> {
                let count = samples().len();
                match encoding {
                    $(stringify!($encoding) => {
                        let ws = $encoding(count, WebSocketOptions::new()).await.map_err(|e| format!("{e:?}"))?;
                        check::ask(ws, samples).await
                    })+
                    _ => Err(format!("not in {encoding}")),
                }
            }

            $(#[get($path)]
            pub async fn $encoding(count: usize, options: WebSocketOptions) -> Result<Websocket<$type, $type, super::encoding::$encoding>, HttpError> {
                check::answer(options, count, samples)
            })+
        })*
    };
}

shapes! {
    client_event: ClientEvent = [ClientEvent::TextInput("hi".into()), ClientEvent::TextInput("".into())],
        json "/json/client_event?count", cbor "/cbor/client_event?count", msgpack "/msgpack/client_event?count";
    server_event: ServerEvent = [ServerEvent::Uppercase("HI".into())],
        json "/json/server_event?count", cbor "/cbor/server_event?count", msgpack "/msgpack/server_event?count";

    text: String = [
            "".into(), "hi".into(), "a".repeat(31), "a".repeat(32), "b".repeat(255), "b".repeat(256), "c".repeat(65_535), "c".repeat(65_536),
            "\"\\/\n\t\u{8}\u{c}\r\0\u{1}\u{7f} <>&'".into(), "größe 日本 \u{2028}\u{fffd}".into(), "😀 \u{10ffff} 👩‍🚀".into(),
        ],
        json "/json/text?count", cbor "/cbor/text?count", msgpack "/msgpack/text?count";
    character: char = ['a', 'é', '日', '😀', '\u{10ffff}', '"', '\0'],
        json "/json/character?count", cbor "/cbor/character?count", msgpack "/msgpack/character?count";
    boolean: bool = [true, false],
        json "/json/boolean?count", cbor "/cbor/boolean?count", msgpack "/msgpack/boolean?count";

    int8: i8 = [i8::MIN, -33, -32, -25, -24, -1, 0, 23, 24, i8::MAX],
        json "/json/int8?count", cbor "/cbor/int8?count", msgpack "/msgpack/int8?count";
    int16: i16 = [i16::MIN, -129, -128, 127, 128, 255, 256, i16::MAX],
        json "/json/int16?count", cbor "/cbor/int16?count", msgpack "/msgpack/int16?count";
    int32: i32 = [i32::MIN, -32_769, -32_768, 32_767, 32_768, 65_535, 65_536, i32::MAX],
        json "/json/int32?count", cbor "/cbor/int32?count", msgpack "/msgpack/int32?count";
    int64: i64 = [i64::MIN, -2_147_483_649, -9_007_199_254_740_993, 0, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_993, i64::MAX],
        json "/json/int64?count", cbor "/cbor/int64?count", msgpack "/msgpack/int64?count";
    uint8: u8 = [0, 23, 24, 127, 128, u8::MAX],
        json "/json/uint8?count", cbor "/cbor/uint8?count", msgpack "/msgpack/uint8?count";
    uint16: u16 = [0, 255, 256, u16::MAX],
        json "/json/uint16?count", cbor "/cbor/uint16?count", msgpack "/msgpack/uint16?count";
    uint32: u32 = [0, 65_535, 65_536, u32::MAX],
        json "/json/uint32?count", cbor "/cbor/uint32?count", msgpack "/msgpack/uint32?count";
    uint64: u64 = [0, 4_294_967_295, 4_294_967_296, 9_007_199_254_740_993, i64::MAX as u64 + 1, u64::MAX],
        json "/json/uint64?count", cbor "/cbor/uint64?count", msgpack "/msgpack/uint64?count";
    int128: i128 = [i128::MIN, i64::MIN as i128 - 1, -1, 0, 5, u64::MAX as i128 + 1, i128::MAX],
        json "/json/int128?count", cbor "/cbor/int128?count", msgpack "/msgpack/int128?count";
    uint128: (u128,) = [(0,), (5,), (u64::MAX as u128 + 1,), (i128::MAX as u128 + 1,), (u128::MAX,)],
        json "/json/uint128?count", cbor "/cbor/uint128?count", msgpack "/msgpack/uint128?count";
    ints: Ints = [
            Ints { a: i8::MIN, b: i16::MIN, c: i32::MIN, d: i64::MIN, e: 0, f: 0, g: 0, h: 0, i: isize::MIN, j: 0 },
            Ints { a: i8::MAX, b: i16::MAX, c: i32::MAX, d: i64::MAX, e: u8::MAX, f: u16::MAX, g: u32::MAX, h: u64::MAX, i: isize::MAX, j: usize::MAX },
        ],
        json "/json/ints?count", cbor "/cbor/ints?count", msgpack "/msgpack/ints?count";

    float32: f32 = [0.0, -0.0, 1.0, 1.5, 0.1, 16_777_216.0, f32::MIN_POSITIVE, 1e-45, f32::MIN, f32::MAX],
        json "/json/float32?count", cbor "/cbor/float32?count", msgpack "/msgpack/float32?count";
    float64: f64 = [0.0, -0.0, 1.0, 1.5, 0.1, 65_504.0, 1e15, 1e16, 1e21, 1e-7, 9_007_199_254_740_993.0, 5e-324, f64::MIN, f64::MAX],
        json "/json/float64?count", cbor "/cbor/float64?count", msgpack "/msgpack/float64?count";
    special32: f32 = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY],
        cbor "/cbor/special32?count", msgpack "/msgpack/special32?count";
    special64: f64 = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY],
        cbor "/cbor/special64?count", msgpack "/msgpack/special64?count";

    unit: () = [()],
        json "/json/unit?count", cbor "/cbor/unit?count", msgpack "/msgpack/unit?count";
    unit_struct: Unit = [Unit],
        json "/json/unit_struct?count", cbor "/cbor/unit_struct?count", msgpack "/msgpack/unit_struct?count";
    empty_struct: Empty = [Empty {}],
        json "/json/empty_struct?count", cbor "/cbor/empty_struct?count", msgpack "/msgpack/empty_struct?count";
    newtype: Meters = [Meters(7), Meters(300)],
        json "/json/newtype?count", cbor "/cbor/newtype?count", msgpack "/msgpack/newtype?count";
    tuple_struct: Pair = [Pair(1, "hi".into()), Pair(255, "".into())],
        json "/json/tuple_struct?count", cbor "/cbor/tuple_struct?count", msgpack "/msgpack/tuple_struct?count";
    tuple: (i32, String, Option<bool>) = [(1, "a".into(), None), (-1, "".into(), Some(true))],
        json "/json/tuple?count", cbor "/cbor/tuple?count", msgpack "/msgpack/tuple?count";
    record: Record = [Record { a: -1, b: None, c: vec![1, 2, 200] }, Record { a: 70_000, b: Some("x".into()), c: vec![] }],
        json "/json/record?count", cbor "/cbor/record?count", msgpack "/msgpack/record?count";
    nested_structs: Outer = [
            Outer { record: record(1), records: vec![record(2), record(3)], maybe: Some(Box::new(record(4))), meters: Meters(5) },
            Outer { record: record(1), records: vec![], maybe: None, meters: Meters(0) },
        ],
        json "/json/nested_structs?count", cbor "/cbor/nested_structs?count", msgpack "/msgpack/nested_structs?count";
    ten: Ten = [ten()],
        json "/json/ten?count", cbor "/cbor/ten?count", msgpack "/msgpack/ten?count";

    variants: Choice = choices(),
        json "/json/variants?count", cbor "/cbor/variants?count", msgpack "/msgpack/variants?count";
    nested_variants: Nest = [
            Nest {
                e: Choice::NewMap([("a".to_string(), Choice::Tup(1, -2)), ("b".to_string(), Choice::NewMap(BTreeMap::new()))].into()),
                o: Some(Choice::St { x: 1, y: None }),
                v: choices(),
                m: [("k".to_string(), vec![Some(1), None]), ("".to_string(), vec![])].into(),
                t: (-1, (2, '😀')),
                b: Box::new(Meters(3)),
            },
            Nest { e: Choice::Unit, o: None, v: vec![], m: BTreeMap::new(), t: (0, (0, 'a')), b: Box::new(Meters(0)) },
        ],
        json "/json/nested_variants?count", cbor "/cbor/nested_variants?count", msgpack "/msgpack/nested_variants?count";
    option: Option<i32> = [None, Some(5), Some(0)],
        json "/json/option?count", cbor "/cbor/option?count", msgpack "/msgpack/option?count";
    option_text: Option<String> = [None, Some("".into()), Some("x".into())],
        json "/json/option_text?count", cbor "/cbor/option_text?count", msgpack "/msgpack/option_text?count";
    option_variant: Option<Choice> = [None, Some(Choice::Unit), Some(Choice::New("x".into()))],
        json "/json/option_variant?count", cbor "/cbor/option_variant?count", msgpack "/msgpack/option_variant?count";
    options: Vec<Option<i32>> = [vec![], vec![None, Some(1), None]],
        json "/json/options?count", cbor "/cbor/options?count", msgpack "/msgpack/options?count";
    result: Result<i32, String> = [Ok(1), Err("no".into())],
        json "/json/result?count", cbor "/cbor/result?count", msgpack "/msgpack/result?count";
    tree: Tree = [Tree::Node(Box::new(Tree::Leaf(1)), Box::new(Tree::Node(Box::new(Tree::Leaf(2)), Box::new(Tree::Leaf(3)))))],
        json "/json/tree?count", cbor "/cbor/tree?count", msgpack "/msgpack/tree?count";
    chain: Chain = [chain(1), chain(30)],
        json "/json/chain?count", cbor "/cbor/chain?count", msgpack "/msgpack/chain?count";
    renamed: Renamed = [Renamed::FirstCase, Renamed::Second { some_field: 1 }],
        json "/json/renamed?count", cbor "/cbor/renamed?count", msgpack "/msgpack/renamed?count";
    renamed_fields: RenamedFields = [RenamedFields { some_field: 1, other: 2, hidden: 0 }],
        json "/json/renamed_fields?count", cbor "/cbor/renamed_fields?count", msgpack "/msgpack/renamed_fields?count";

    list: Vec<i32> = [vec![], vec![-1, 0, 1], vec![0; 15], vec![0; 16], vec![7; 65_536]],
        json "/json/list?count", cbor "/cbor/list?count", msgpack "/msgpack/list?count";
    list_of_text: Vec<String> = [vec![], vec!["".into(), "a".into()]],
        json "/json/list_of_text?count", cbor "/cbor/list_of_text?count", msgpack "/msgpack/list_of_text?count";
    list_of_structs: Vec<Record> = [vec![], (0..100).map(record).collect()],
        json "/json/list_of_structs?count", cbor "/cbor/list_of_structs?count", msgpack "/msgpack/list_of_structs?count";
    list_of_variants: Vec<Choice> = [vec![], choices()],
        json "/json/list_of_variants?count", cbor "/cbor/list_of_variants?count", msgpack "/msgpack/list_of_variants?count";
    list_of_units: Vec<()> = [vec![], vec![(), ()]],
        json "/json/list_of_units?count", cbor "/cbor/list_of_units?count", msgpack "/msgpack/list_of_units?count";
    array: [i32; 3] = [[1, 2, 3]],
        json "/json/array?count", cbor "/cbor/array?count", msgpack "/msgpack/array?count";
    set: BTreeSet<i32> = [[3, 1, 2].into(), BTreeSet::new()],
        json "/json/set?count", cbor "/cbor/set?count", msgpack "/msgpack/set?count";

    map: BTreeMap<String, i32> = [BTreeMap::new(), [("a".to_string(), 2), ("b".to_string(), 1), ("".to_string(), 0)].into()],
        json "/json/map?count", cbor "/cbor/map?count", msgpack "/msgpack/map?count";
    hash_map: HashMap<String, Vec<u16>> = [HashMap::new(), [("one".to_string(), vec![1])].into()],
        json "/json/hash_map?count", cbor "/cbor/hash_map?count", msgpack "/msgpack/hash_map?count";
    map_of_structs: BTreeMap<String, Record> = [[("r".to_string(), record(1))].into()],
        json "/json/map_of_structs?count", cbor "/cbor/map_of_structs?count", msgpack "/msgpack/map_of_structs?count";
    map_by_int: BTreeMap<i32, String> = [[(-2, "y".to_string()), (10, "x".to_string()), (i32::MIN, "z".to_string())].into()],
        json "/json/map_by_int?count", cbor "/cbor/map_by_int?count", msgpack "/msgpack/map_by_int?count";
    map_by_bool: BTreeMap<bool, i32> = [[(true, 1), (false, 0)].into()],
        json "/json/map_by_bool?count", cbor "/cbor/map_by_bool?count", msgpack "/msgpack/map_by_bool?count";
    map_by_char: BTreeMap<char, i32> = [[('c', 1), ('😀', 2)].into()],
        json "/json/map_by_char?count", cbor "/cbor/map_by_char?count", msgpack "/msgpack/map_by_char?count";
    map_by_variant: BTreeMap<Key, i32> = [[(Key::A, 1), (Key::B, 2)].into()],
        json "/json/map_by_variant?count", cbor "/cbor/map_by_variant?count", msgpack "/msgpack/map_by_variant?count";
    containers: Containers = [
            Containers {
                list: vec![], lists: vec![], map: BTreeMap::new(), set: BTreeSet::new(),
                text: "".into(), bytes: vec![], empty: Empty {}, array: [], maybe: None,
            },
            Containers {
                list: vec!["".into()], lists: vec![vec![], vec![1]], map: [("".to_string(), 0)].into(), set: [0].into(),
                text: "\0".into(), bytes: vec![0], empty: Empty {}, array: [], maybe: Some(vec![]),
            },
        ],
        json "/json/containers?count", cbor "/cbor/containers?count", msgpack "/msgpack/containers?count";

    bytes: Vec<u8> = [vec![], vec![0, 1, 127, 128, 255], vec![9; 70_000]],
        cbor "/cbor/bytes?count", msgpack "/msgpack/bytes?count";
    bytes_array: [u8; 3] = [[0, 127, 255]],
        cbor "/cbor/bytes_array?count", msgpack "/msgpack/bytes_array?count";
    bytes_field: Bytes3 = [Bytes3 { b: [0, 127, 255] }],
        json "/json/bytes_field?count", cbor "/cbor/bytes_field?count", msgpack "/msgpack/bytes_field?count";
    serde_bytes: Blob = [Blob { b: vec![] }, Blob { b: vec![1, 2, 200] }],
        json "/json/serde_bytes?count", cbor "/cbor/serde_bytes?count", msgpack "/msgpack/serde_bytes?count";
    bytes_bytes: Buffer = [Buffer { b: ::bytes::Bytes::new() }, Buffer { b: ::bytes::Bytes::from_static(&[1, 2, 200]) }],
        json "/json/bytes_bytes?count", cbor "/cbor/bytes_bytes?count", msgpack "/msgpack/bytes_bytes?count";

    time: DateTime<Utc> = [time(0, 0), time(1_704_164_645, 6_000_000), time(1_704_164_645, 123_456_789), time(-62_135_596_800, 0), time(253_402_300_799, 0)],
        json "/json/time?count", cbor "/cbor/time?count", msgpack "/msgpack/time?count";
    duration: Duration = [Duration::ZERO, Duration::new(1, 500), Duration::new(u64::MAX, 999_999_999)],
        json "/json/duration?count", cbor "/cbor/duration?count", msgpack "/msgpack/duration?count";
    system_time: SystemTime = [SystemTime::UNIX_EPOCH + Duration::new(1, 2)],
        json "/json/system_time?count", cbor "/cbor/system_time?count", msgpack "/msgpack/system_time?count";
    event: Moment = [Moment { at: time(1, 2), took: Duration::new(3, 4), nanos: 1_500_000_000 }],
        json "/json/event?count", cbor "/cbor/event?count", msgpack "/msgpack/event?count";

    skipped: Sparse = [Sparse { a: 1, b: None, c: 3 }, Sparse { a: 1, b: Some(2), c: 3 }],
        json "/json/skipped?count", cbor "/cbor/skipped?count";
    not_skipped: Sparse = [Sparse { a: 1, b: Some(2), c: 3 }],
        msgpack "/msgpack/not_skipped?count";
    defaults: Defaults = [Defaults { a: 0, b: "".into(), c: false }, Defaults { a: 1, b: "x".into(), c: true }],
        json "/json/defaults?count", cbor "/cbor/defaults?count", msgpack "/msgpack/defaults?count";
    flattened: Flat = [Flat { a: 1, rest: Inlined { x: 2, y: "z".into() } }],
        json "/json/flattened?count", cbor "/cbor/flattened?count", msgpack "/msgpack/flattened?count";
    flattened_map: Open = [Open { fields: BTreeMap::new() }, Open { fields: [("a".to_string(), 1), ("z".to_string(), 9)].into() }],
        json "/json/flattened_map?count", cbor "/cbor/flattened_map?count", msgpack "/msgpack/flattened_map?count";
    adjacent: Adjacent = [Adjacent::A(1), Adjacent::B { text: "x".into() }, Adjacent::C],
        json "/json/adjacent?count", cbor "/cbor/adjacent?count";
    adjacent_content: Adjacent = [Adjacent::A(1), Adjacent::B { text: "x".into() }],
        msgpack "/msgpack/adjacent_content?count";
    internal: Internal = [Internal::A { x: 1 }, Internal::B],
        json "/json/internal?count", cbor "/cbor/internal?count";
    internal_content: Internal = [Internal::A { x: 1 }],
        msgpack "/msgpack/internal_content?count";
    untagged: Untagged = [Untagged::Number(1), Untagged::Text("q".into()), Untagged::List(vec![1, 2])],
        json "/json/untagged?count", cbor "/cbor/untagged?count", msgpack "/msgpack/untagged?count";
    value: Value = [
            json!(null), json!(true), json!(-1), json!(u64::MAX), json!(1.5), json!("x"), json!([]), json!({}),
            json!({"a": [1, null, 1.5], "b": {"c": "d"}}),
        ],
        json "/json/value?count", cbor "/cbor/value?count", msgpack "/msgpack/value?count";
    range: std::ops::Range<i32> = [1..3],
        json "/json/range?count", cbor "/cbor/range?count", msgpack "/msgpack/range?count";
    address_text: IpAddr = [IpAddr::from([127, 0, 0, 1]), "2001:db8::1".parse().unwrap()],
        json "/json/address_text?count";
    address: IpAddr = [IpAddr::from([127, 0, 0, 1]), "2001:db8::1".parse().unwrap()],
        cbor "/cbor/address?count", msgpack "/msgpack/address?count";
    socket_address_text: SocketAddr = [SocketAddr::from(([127, 0, 0, 1], 80)), "[::1]:443".parse().unwrap()],
        json "/json/socket_address_text?count";
    socket_address: SocketAddr = [SocketAddr::from(([127, 0, 0, 1], 80)), "[::1]:443".parse().unwrap()],
        cbor "/cbor/socket_address?count", msgpack "/msgpack/socket_address?count";
}

fn record(a: i32) -> Record {
    Record { a, b: (a % 2 == 0).then(|| format!("record {a}")), c: vec![1, 2, 200] }
}

fn chain(length: u8) -> Chain {
    Chain { value: length, next: (length > 1).then(|| Box::new(chain(length - 1))) }
}

fn choices() -> Vec<Choice> {
    vec![
        Choice::Unit,
        Choice::New("hi".into()),
        Choice::Tup(1, -2),
        Choice::St { x: 5, y: None },
        Choice::St { x: -5, y: Some(true) },
        Choice::NewUnit(()),
        Choice::NewOpt(None),
        Choice::NewOpt(Some(3)),
        Choice::NewRecord(record(2)),
        Choice::NewVec(vec![]),
        Choice::NewVec(vec![1, -1]),
        Choice::NewMap([("k".to_string(), Choice::Unit)].into()),
        Choice::ETup(),
    ]
}

pub fn ten() -> Ten {
    Ten {
        id: 9_007_199_254_740,
        name: "Grace Brewster Hopper".into(),
        email: "grace.hopper@navy.example".into(),
        active: true,
        score: 98.6421,
        age: 85,
        tags: vec!["compilers".into(), "cobol".into(), "navy".into()],
        counts: vec![1, 22, 333, 4444],
        location: "Arlington, Virginia".into(),
        note: "It is often easier to ask for forgiveness than to ask for permission.".into(),
    }
}

fn time(seconds: i64, nanos: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, nanos).expect("a time")
}
