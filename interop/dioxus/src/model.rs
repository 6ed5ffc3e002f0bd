//! The types of the messages. model_test.go declares each of them in Go, under the same name.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Derives what a message needs.
macro_rules! messages {
    ($($item:item)*) => { $(#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)] $item)* };
}

messages! {
    // The messages of the page on websockets in the documentation of Dioxus.
    pub enum ClientEvent { TextInput(String) }
    pub enum ServerEvent { Uppercase(String) }

    pub struct Unit;
    pub struct Meters(pub u32);
    pub struct Pair(pub u8, pub String);
    pub struct Empty {}
    pub struct Record { pub a: i32, pub b: Option<String>, pub c: Vec<u8> }
    pub struct Outer { pub record: Record, pub records: Vec<Record>, pub maybe: Option<Box<Record>>, pub meters: Meters }

    pub enum Choice {
        Unit,
        New(String),
        Tup(u8, i64),
        St { x: i32, y: Option<bool> },
        NewUnit(()),
        NewOpt(Option<u8>),
        NewRecord(Record),
        NewVec(Vec<i32>),
        NewMap(BTreeMap<String, Choice>),
        ETup(),
    }
    pub enum Braces { Empty {}, Full { a: i32 } }
    pub struct Nest {
        pub e: Choice,
        pub o: Option<Choice>,
        pub v: Vec<Choice>,
        pub m: BTreeMap<String, Vec<Option<i32>>>,
        pub t: (i8, (u16, char)),
        pub b: Box<Meters>,
    }
    pub enum Tree { Leaf(i32), Node(Box<Tree>, Box<Tree>) }
    pub struct Chain { pub value: u8, pub next: Option<Box<Chain>> }

    #[serde(rename_all = "camelCase")]
    pub enum Renamed { FirstCase, #[serde(rename = "2nd")] Second { some_field: i32 } }
    #[serde(rename_all = "camelCase")]
    pub struct RenamedFields { pub some_field: i32, #[serde(rename = "X")] pub other: u8, #[serde(skip)] pub hidden: i32 }

    pub struct Ints {
        pub a: i8, pub b: i16, pub c: i32, pub d: i64, pub e: u8, pub f: u16, pub g: u32, pub h: u64, pub i: isize, pub j: usize,
    }
    pub struct Blob { #[serde(with = "serde_bytes")] pub b: Vec<u8> }
    pub struct Buffer { pub b: bytes::Bytes }
    pub struct Bytes3 { pub b: [u8; 3] }
    pub struct Containers {
        pub list: Vec<String>, pub lists: Vec<Vec<i32>>, pub map: BTreeMap<String, i32>, pub set: BTreeSet<i32>,
        pub text: String, pub bytes: Vec<u8>, pub empty: Empty, pub array: [i32; 0], pub maybe: Option<Vec<i32>>,
    }
    pub struct Moment { pub at: chrono::DateTime<chrono::Utc>, pub took: std::time::Duration, pub nanos: i64 }

    pub struct Sparse { pub a: i32, #[serde(skip_serializing_if = "Option::is_none", default)] pub b: Option<i32>, pub c: i32 }
    pub struct Defaults { #[serde(default)] pub a: i32, #[serde(default)] pub b: String, pub c: bool }
    pub struct Flat { pub a: i32, #[serde(flatten)] pub rest: Inlined }
    pub struct Inlined { pub x: i32, pub y: String }
    pub struct Open { #[serde(flatten)] pub fields: BTreeMap<String, i32> }

    #[serde(tag = "type", content = "data")]
    pub enum Adjacent { A(i32), B { text: String }, C }
    #[serde(tag = "t")]
    pub enum Internal { A { x: i32 }, B }
    #[serde(untagged)]
    pub enum Untagged { Number(i32), Text(String), List(Vec<i32>) }

    #[derive(Eq, PartialOrd, Ord)]
    pub enum Key { A, B }

    // A message that has grown by a field in one of the programs.
    pub struct Before { pub a: i32 }
    pub struct After { pub a: i32, pub b: Option<String> }

    // What the benchmark echoes too.
    pub struct Ten {
        pub id: u64, pub name: String, pub email: String, pub active: bool, pub score: f64, pub age: i64,
        pub tags: Vec<String>, pub counts: Vec<i64>, pub location: String, pub note: String,
    }
}
