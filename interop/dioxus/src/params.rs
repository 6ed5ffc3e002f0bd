//! What a call carries before the upgrade: path, query and headers. The server tells what has arrived, and both ends
//! compare it with their samples. params_test.go has the same.

use crate::check;
use dioxus::prelude::*;
#[cfg(feature = "server")]
use dioxus_fullstack::HeaderMap;
use dioxus_fullstack::{HttpError, WebSocketOptions, Websocket};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Path {
    pub text: String,
    pub number: i32,
    pub flag: bool,
    pub letter: char,
}

/// So many of the paths a client of Dioxus can ask for.
#[cfg(not(feature = "server"))]
const PATHS: usize = 4;

pub fn paths() -> Vec<Path> {
    let path = |text: &str, number, flag, letter| Path { text: text.into(), number, flag, letter };
    vec![
        path("lobby", 1, true, 'a'),
        path("two words", i32::MIN, false, 'é'),
        path("größe-日本-😀", i32::MAX, true, '😀'),
        path("a+b&c=d;e,f@g:h!$'()*~_.-", 0, false, '~'),
        // Dioxus writes path arguments as they are, so these would be another path.
        path("a/b", 0, false, 'a'),
        path("what?", 0, false, '?'),
        path("a#b", 0, false, '#'),
        path("100%", 0, false, '%'),
        path("%2F", 0, false, 'a'),
    ]
}

#[get("/paths/{text}/{number}/:flag/{letter}?case")]
pub async fn path(
    text: String,
    number: i32,
    flag: bool,
    letter: char,
    case: usize,
    options: WebSocketOptions,
) -> Result<Websocket<(), Path>, HttpError> {
    check::tell(options, case, Path { text, number, flag, letter }, paths)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rest {
    pub rest: String,
}

pub fn rests() -> Vec<Rest> {
    ["a", "a/b/c", "a b/ü.txt"].map(|rest| Rest { rest: rest.into() }).into()
}

#[get("/files/*rest?case")]
pub async fn files(rest: String, case: usize, options: WebSocketOptions) -> Result<Websocket<(), Rest>, HttpError> {
    check::tell(options, case, Rest { rest }, rests)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scalars {
    pub text: String,
    pub letter: char,
    pub flag: bool,
    pub int8: i8,
    pub int16: i16,
    pub int32: i32,
    pub int64: i64,
    pub uint8: u8,
    pub uint16: u16,
    pub uint32: u32,
    pub uint64: u64,
    pub float32: f32,
    pub float64: f64,
    pub nothing: (),
    pub kind: Kind,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Kind {
    Small,
    Large,
}

pub fn scalars() -> Vec<Scalars> {
    vec![
        Scalars {
            text: "".into(),
            letter: 'a',
            flag: false,
            int8: i8::MIN,
            int16: i16::MIN,
            int32: i32::MIN,
            int64: i64::MIN,
            uint8: 0,
            uint16: 0,
            uint32: 0,
            uint64: 0,
            float32: -1.5,
            float64: 1.0,
            nothing: (),
            kind: Kind::Small,
        },
        Scalars {
            text: "a&b=c+d/é%?#[x]'\"<>~*-_.!()@:,;$^`|{}\\ 😀 \u{1}".into(),
            letter: '😀',
            flag: true,
            int8: i8::MAX,
            int16: i16::MAX,
            int32: i32::MAX,
            int64: i64::MAX,
            uint8: u8::MAX,
            uint16: u16::MAX,
            uint32: u32::MAX,
            uint64: u64::MAX,
            float32: 0.1,
            float64: 1e-7,
            nothing: (),
            kind: Kind::Large,
        },
    ]
}

#[get("/scalars?case&text&letter&flag&int8&int16&int32&int64&uint8&uint16&uint32&uint64&float32&float64&nothing&kind")]
#[allow(clippy::too_many_arguments)]
pub async fn scalar(
    case: usize,
    text: String,
    letter: char,
    flag: bool,
    int8: i8,
    int16: i16,
    int32: i32,
    int64: i64,
    uint8: u8,
    uint16: u16,
    uint32: u32,
    uint64: u64,
    float32: f32,
    float64: f64,
    nothing: (),
    kind: Kind,
    options: WebSocketOptions,
) -> Result<Websocket<(), Scalars>, HttpError> {
    let got = Scalars { text, letter, flag, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, nothing, kind };
    check::tell(options, case, got, scalars)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub age: i32,
    pub nick: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Nested {
    pub maybe: Option<String>,
    pub number: Option<i32>,
    pub list: Vec<i32>,
    pub words: Vec<String>,
    pub maybe_list: Option<Vec<i32>>,
    pub array: [u8; 2],
    pub pair: (i32, bool),
    pub person: Person,
    pub maybe_person: Option<Person>,
    pub people: Vec<Person>,
    pub map: BTreeMap<String, i32>,
    pub lists: BTreeMap<String, Vec<i32>>,
}

pub fn nesteds() -> Vec<Nested> {
    let person = |name: &str, nick: Option<&str>| Person { name: name.into(), age: 36, nick: nick.map(Into::into) };
    vec![
        Nested {
            maybe: None,
            number: None,
            list: vec![1],
            words: vec!["".into()],
            maybe_list: None,
            array: [0, 255],
            pair: (-1, false),
            person: person("", None),
            maybe_person: None,
            people: vec![person("a", None)],
            map: [("k".to_string(), 1)].into(),
            lists: [("k".to_string(), vec![1])].into(),
        },
        Nested {
            maybe: Some("two words".into()),
            number: Some(0),
            list: (0..12).collect(), // so many that the order of the text is not that of the numbers
            words: vec!["a&b".into(), "c=d".into(), "[e]".into()],
            maybe_list: Some(vec![1, 2]),
            array: [1, 2],
            pair: (i32::MAX, true),
            person: person("Ada & Co", Some("x[0]=y")),
            maybe_person: Some(person("Grace", None)),
            people: vec![person("a", Some("b")), person("c", None)],
            map: [("k 1".to_string(), 2), ("é=&".to_string(), 3)].into(),
            lists: [("one".to_string(), vec![1]), ("two".to_string(), vec![1, 2])].into(),
        },
    ]
}

#[get("/nested?case&maybe&number&list&words&maybe_list&array&pair&person&maybe_person&people&map&lists")]
#[allow(clippy::too_many_arguments)]
pub async fn nested(
    case: usize,
    maybe: Option<String>,
    number: Option<i32>,
    list: Vec<i32>,
    words: Vec<String>,
    maybe_list: Option<Vec<i32>>,
    array: [u8; 2],
    pair: (i32, bool),
    person: Person,
    maybe_person: Option<Person>,
    people: Vec<Person>,
    map: BTreeMap<String, i32>,
    lists: BTreeMap<String, Vec<i32>>,
    options: WebSocketOptions,
) -> Result<Websocket<(), Nested>, HttpError> {
    let got = Nested { maybe, number, list, words, maybe_list, array, pair, person, maybe_person, people, map, lists };
    check::tell(options, case, got, nesteds)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Search {
    pub case: usize,
    pub text: String,
    pub page: Option<u32>,
    pub tags: Option<Vec<String>>,
}

pub fn searches() -> Vec<Search> {
    vec![
        Search { case: 0, text: "a b".into(), page: None, tags: None },
        Search { case: 1, text: "".into(), page: Some(2), tags: Some(vec!["x".into(), "y".into()]) },
    ]
}

/// The whole query as one struct, and a parameter under another name.
#[get("/search?{search}")]
pub async fn find(search: Search, options: WebSocketOptions) -> Result<Websocket<(), Search>, HttpError> {
    check::tell(options, search.case, search, searches)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Renamed {
    pub term: String,
}

pub fn renameds() -> Vec<Renamed> {
    vec![Renamed { term: "a b".into() }]
}

#[get("/renamed?case&q=term")]
pub async fn renamed(case: usize, term: String, options: WebSocketOptions) -> Result<Websocket<(), Renamed>, HttpError> {
    check::tell(options, case, Renamed { term }, renameds)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Heard {
    pub token: Option<String>,
    pub langs: Vec<String>,
    pub cookie: Option<String>,
}

pub fn heards() -> Vec<Heard> {
    vec![
        Heard { token: None, langs: vec![], cookie: None },
        Heard { token: Some("secret 1".into()), langs: vec!["de".into(), "en".into()], cookie: Some("sid=s1".into()) },
    ]
}

#[get("/headers?case", headers: HeaderMap)]
pub async fn heard(case: usize, options: WebSocketOptions) -> Result<Websocket<(), Heard>, HttpError> {
    let all = |name: &str| -> Vec<String> { headers.get_all(name).iter().map(|v| v.to_str().expect("text").to_string()).collect() };
    let got = Heard { token: all("x-token").pop(), langs: all("x-lang"), cookie: all("cookie").pop() };
    check::tell(options, case, got, heards)
}

/// Runs the client's end of a case. Without a number it gives the number of cases.
#[cfg(not(feature = "server"))]
pub async fn run(name: &str, case: Option<usize>) -> Result<usize, String> {
    use dioxus_fullstack::http::{HeaderMap, HeaderName, HeaderValue};
    use dioxus_fullstack::{clear_request_headers, set_request_headers};

    let options = WebSocketOptions::new();
    let Some(i) = case else {
        return Ok(match name {
            "path" => PATHS,
            "rest" => rests().len(),
            "scalars" => scalars().len(),
            "nested" => nesteds().len(),
            "search" => searches().len(),
            "renamed" => renameds().len(),
            "headers" => heards().len(),
            _ => return Err(format!("no parameters {name}")),
        });
    };
    let refused = |e: HttpError| format!("{e:?}");
    match name {
        "path" => {
            let s = paths().swap_remove(i);
            check::told(path(s.text.clone(), s.number, s.flag, s.letter, i, options).await.map_err(refused)?, s).await
        }
        "rest" => {
            let s = rests().swap_remove(i);
            check::told(files(s.rest.clone(), i, options).await.map_err(refused)?, s).await
        }
        "scalars" => {
            let s = scalars().swap_remove(i);
            let t = s.clone();
            let call = scalar(
                i, t.text, t.letter, t.flag, t.int8, t.int16, t.int32, t.int64, t.uint8, t.uint16, t.uint32, t.uint64, t.float32,
                t.float64, t.nothing, t.kind, options,
            );
            check::told(call.await.map_err(refused)?, s).await
        }
        "nested" => {
            let s = nesteds().swap_remove(i);
            let t = s.clone();
            let call = nested(
                i,
                t.maybe,
                t.number,
                t.list,
                t.words,
                t.maybe_list,
                t.array,
                t.pair,
                t.person,
                t.maybe_person,
                t.people,
                t.map,
                t.lists,
                options,
            );
            check::told(call.await.map_err(refused)?, s).await
        }
        "search" => {
            let s = searches().swap_remove(i);
            check::told(find(s.clone(), options).await.map_err(refused)?, s).await
        }
        "renamed" => {
            let s = renameds().swap_remove(i);
            check::told(renamed(i, s.term.clone(), options).await.map_err(refused)?, s).await
        }
        "headers" => {
            let s = heards().swap_remove(i);
            let mut headers = HeaderMap::new();
            let mut add = |name: &'static str, value: &str| {
                headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).expect("text"));
            };
            s.token.iter().for_each(|v| add("x-token", v));
            s.langs.iter().for_each(|v| add("x-lang", v));
            s.cookie.iter().for_each(|v| add("cookie", v));
            set_request_headers(headers);
            let call = heard(i, options).await;
            clear_request_headers();
            check::told(call.map_err(refused)?, s).await
        }
        _ => Err(format!("no parameters {name}")),
    }
    .map(|()| i)
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Variant {
    Small(String),
    Large { size: u32 },
}

/// An enum with content, which a query can hold.
#[get("/variants?kind")]
pub async fn variant(kind: Variant, options: WebSocketOptions) -> Result<Websocket, HttpError> {
    let _ = kind;
    Ok(options.on_upgrade(|_: dioxus_fullstack::TypedWebsocket<String, String>| async {}))
}

/// Calls with a variant.
#[cfg(not(feature = "server"))]
pub async fn run_variant(name: &str) -> Result<(), String> {
    let kind = if name == "small" { Variant::Small("x".into()) } else { Variant::Large { size: 7 } };
    variant(kind, WebSocketOptions::new()).await.map(drop).map_err(|e| format!("{e:?}"))
}
