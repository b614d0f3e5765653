//! A server that is watched: its HTTP port, and what its metrics say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::{Serving, serve_with};

pub struct Watched {
    pub serving: Serving,
    pub http: SocketAddr,
}

/// Starts a server with a port for `/metrics` and `/healthz`, and these flags.
pub fn serve_watched(discover: Option<&str>, flags: &[&str]) -> Watched {
    let http = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = http.to_string();
    let flags: Vec<&str> = ["--http-address", &address].into_iter().chain(flags.iter().copied()).collect();
    Watched { serving: serve_with(discover, &flags), http }
}

impl Watched {
    /// The status line and the body of an answer.
    pub fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.http).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    /// The number behind a metric; `name` has its labels. None is 0.
    pub fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.get("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0, |number| number.parse().unwrap())
    }

    /// Archives unpacked, streams whose snapshot was known, charts rendered, answers known.
    pub fn work(&self) -> [u64; 4] {
        ["snapshots_unpacked", "snapshot_hits", "renders", "answer_hits"]
            .map(|name| self.metric(&format!("tiphys_{name}_total")))
    }
}
