//! A client that costs next to nothing: it writes the frames of a call's stream,
//! made beforehand, into the socket, a connection a call, as the repo-server does.
//! Each 1 KiB of the archive is a message and a DATA frame of its own.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use prost::Message;
use tiphys::plugin::proto::plugin::app_stream_request::Request as Part;
use tiphys::plugin::proto::plugin::{AppStreamRequest, EnvEntry, File, ManifestRequestMetadata};

const SERVICE: &str = "/plugin.ConfigManagementPluginService/";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
/// The receiving windows of this client: no answer is larger.
const WINDOW: u32 = 64 << 20;

/// An archive as the DATA frames of stream 1.
pub struct Body {
    frames: Vec<u8>,
    checksum: String,
    size: usize,
}

impl Body {
    pub fn of(archive: &[u8]) -> Body {
        use sha2::Digest;
        let mut frames = Vec::with_capacity(archive.len() + archive.len() / 32);
        for chunk in archive.chunks(1024) {
            let file = File { chunk: chunk.to_vec().into() };
            data(&mut frames, &AppStreamRequest { request: Some(Part::File(file)) });
        }
        let checksum = sha2::Sha256::digest(archive).iter().map(|byte| format!("{byte:02x}")).collect();
        Body { frames, checksum, size: archive.len() }
    }
}

/// What an application is asked for.
pub struct Call<'a> {
    pub method: &'a str,
    pub app_path: &'a str,
    pub env: &'a [(&'a str, &'a str)],
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a frame").to_be_bytes();
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// One message in DATA frames of 16 KiB at most.
fn data(out: &mut Vec<u8>, message: &AppStreamRequest) {
    let encoded = message.encode_to_vec();
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(encoded.len()).expect("a message").to_be_bytes());
    framed.extend_from_slice(&encoded);
    for part in framed.chunks(16 << 10) {
        frame(out, DATA, 0, 1, part);
    }
}

/// A field of a header block, without indexing or Huffman's code.
fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(0);
    for text in [name, value] {
        assert!(text.len() < 127, "{text}");
        out.push(u8::try_from(text.len()).expect("short"));
        out.extend_from_slice(text.as_bytes());
    }
}

/// One connection and its windows for sending.
struct Connection {
    socket: UnixStream,
    connection_window: i64,
    stream_window: i64,
    answer: Vec<u8>,
    ended: bool,
}

/// Makes the call and returns the answer's message.
pub fn call(socket: &Path, call: &Call<'_>, body: &Body) -> Vec<u8> {
    let mut connection = Connection {
        socket: UnixStream::connect(socket).expect("the socket"),
        connection_window: 65535,
        stream_window: 65535,
        answer: Vec::new(),
        ended: false,
    };
    let mut opening = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let mut settings = 4_u16.to_be_bytes().to_vec();
    settings.extend_from_slice(&WINDOW.to_be_bytes());
    frame(&mut opening, SETTINGS, 0, 0, &settings);
    frame(&mut opening, WINDOW_UPDATE, 0, 0, &(WINDOW - 65535).to_be_bytes());
    let mut block = Vec::new();
    let path = [SERVICE, call.method].concat();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path.as_str()),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("grpc-timeout", "90S"),
    ] {
        field(&mut block, name, value);
    }
    frame(&mut opening, HEADERS, 4, 1, &block);
    let env = call.env.iter().map(|(name, value)| EnvEntry { name: (*name).into(), value: (*value).into() });
    let metadata = ManifestRequestMetadata {
        app_name: call.app_path.into(),
        app_rel_path: call.app_path.into(),
        checksum: body.checksum.clone(),
        size: i64::try_from(body.size).expect("a size"),
        env: env.collect(),
    };
    data(&mut opening, &AppStreamRequest { request: Some(Part::Metadata(metadata)) });
    connection.send(&opening);
    connection.stream(&body.frames);
    let mut end = Vec::new();
    frame(&mut end, DATA, 1, 1, b"");
    connection.send(&end);
    while !connection.ended {
        connection.receive();
    }
    let message = connection.answer.get(5..).expect("an answer: the call failed");
    message.to_vec()
}

impl Connection {
    fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("write");
    }

    /// Sends DATA frames as the windows allow, 64 KiB at a time.
    fn stream(&mut self, frames: &[u8]) {
        let (mut from, mut to) = (0, 0);
        while from < frames.len() {
            while let Some(header) = frames.get(to..to + 3) {
                let length =
                    usize::from(header[0]) << 16 | usize::from(header[1]) << 8 | usize::from(header[2]);
                let flow = i64::try_from(length).expect("a frame");
                if to - from > 64 << 10 || flow > self.connection_window.min(self.stream_window) {
                    break;
                }
                self.connection_window -= flow;
                self.stream_window -= flow;
                to += 9 + length;
            }
            if to == from {
                assert!(!self.ended, "the server ended the stream");
                self.receive();
            }
            self.send(&frames[from..to]);
            from = to;
        }
    }

    /// Reads one frame and does what it says.
    fn receive(&mut self) {
        let mut header = [0; 9];
        self.socket.read_exact(&mut header).expect("read");
        let length = usize::from(header[0]) << 16 | usize::from(header[1]) << 8 | usize::from(header[2]);
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload).expect("read");
        let (kind, flags) = (header[3], header[4]);
        let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
        let number =
            |at: usize| payload.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
        let mut reply = Vec::new();
        match kind {
            DATA => self.answer.extend_from_slice(&payload),
            SETTINGS if flags & 1 == 0 => {
                for setting in payload.chunks(6) {
                    if let [0, 4, a, b, c, d] = *setting {
                        self.stream_window += i64::from(u32::from_be_bytes([a, b, c, d])) - 65535;
                    }
                }
                frame(&mut reply, SETTINGS, 1, 0, b"");
            }
            PING if flags & 1 == 0 => frame(&mut reply, PING, 1, 0, &payload),
            WINDOW_UPDATE if stream == 0 => self.connection_window += i64::from(number(0).expect("a window")),
            WINDOW_UPDATE => self.stream_window += i64::from(number(0).expect("a window")),
            RESET | GOAWAY => {
                panic!("the server broke off: {:?}", number(if kind == GOAWAY { 4 } else { 0 }))
            }
            _ => {}
        }
        self.ended |= stream == 1 && matches!(kind, DATA | HEADERS) && flags & 1 != 0;
        if !reply.is_empty() {
            self.send(&reply);
        }
    }
}
