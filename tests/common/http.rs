//! A web server in the test's own process: what it answers is a closure, what it
//! was asked is kept.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub manner: Manner,
}

/// How the body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Whole,
    /// Half of it, then the connection ends.
    Broken,
    /// Half of it, then nothing for as long as the client is there.
    Stalled,
    /// More and more of it.
    Endless,
}

pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, headers: Vec::new(), body: body.into(), manner: Manner::Whole }
}

impl Reply {
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn manner(mut self, manner: Manner) -> Reply {
        self.manner = manner;
        self
    }
}

type Answer = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server that listens until the test ends.
pub struct Web {
    pub address: SocketAddr,
    pub tls: bool,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Web {
    /// Plain HTTP.
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Web {
        Web::listen(None, Arc::new(answer))
    }

    /// HTTPS with this configuration.
    pub fn start_tls(
        tls: rustls::ServerConfig,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Web {
        Web::listen(Some(Arc::new(tls)), Arc::new(answer))
    }

    fn listen(tls: Option<Arc<rustls::ServerConfig>>, answer: Arc<Answer>) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, is_tls) = (asked.clone(), tls.is_some());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log, tls) = (answer.clone(), log.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    None => serve(stream.try_clone().unwrap(), stream, &answer, &log),
                    Some(tls) => {
                        let session = rustls::ServerConnection::new(tls).unwrap();
                        let stream = rustls::StreamOwned::new(session, stream);
                        serve_one(stream, &answer, &log);
                    }
                });
            }
        });
        Web { address, tls: is_tls, asked }
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address)
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often something with this in its path was asked with this verb.
    pub fn count(&self, method: &str, part: &str) -> usize {
        self.asked().iter().filter(|a| a.method == method && a.path.contains(part)).count()
    }
}

fn serve(input: TcpStream, mut output: TcpStream, answer: &Arc<Answer>, log: &Mutex<Vec<Asked>>) {
    let mut input = BufReader::new(input);
    while let Some(asked) = read(&mut input) {
        log.lock().unwrap().push(asked.clone());
        if !write(&mut output, &asked, &answer(&asked)) {
            return;
        }
    }
}

/// One exchange on a stream that cannot be cloned.
fn serve_one(stream: impl Read + Write, answer: &Arc<Answer>, log: &Mutex<Vec<Asked>>) {
    let mut input = BufReader::new(stream);
    if let Some(asked) = read(&mut input) {
        log.lock().unwrap().push(asked.clone());
        let reply = answer(&asked).header("connection", "close");
        write(input.get_mut(), &asked, &reply);
    }
}

fn read(input: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    input.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    Some(Asked { method, path, headers, body })
}

/// Whether the connection can be used again.
fn write(output: &mut impl Write, asked: &Asked, reply: &Reply) -> bool {
    let mut head = format!("HTTP/1.1 {} x\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if reply.manner == Manner::Endless {
        if output.write_all(format!("{head}\r\n").as_bytes()).is_err() {
            return false;
        }
        while output.write_all(&[b'#'; 1 << 16]).is_ok() {}
        return false;
    }
    let empty = asked.method == "HEAD" || reply.status == 304;
    if !empty {
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    head.push_str("\r\n");
    let body = if empty { &[][..] } else { &reply.body };
    let body = if reply.manner == Manner::Whole { body } else { &body[..body.len() / 2] };
    let sent = output.write_all(head.as_bytes()).and_then(|()| output.write_all(body));
    if sent.and_then(|()| output.flush()).is_err() {
        return false;
    }
    if reply.manner == Manner::Stalled {
        std::thread::sleep(Duration::from_secs(60));
    }
    reply.manner == Manner::Whole
}
