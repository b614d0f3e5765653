//! Clients that gRPC's C core drives (Python's among them) name the socket's path
//! as the authority of a request: `tmp%2Fplugin.sock`. A percent sign is no part of
//! an authority, and the HTTP/2 library resets such a stream before the service
//! sees it. This wrapper reads a connection's frames as they come in and puts a dot
//! for the percent sign, so that nothing changes its length.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tonic::transport::server::Connected;

/// The bytes before the first frame of a connection.
const PREFACE: usize = 24;
/// The bytes before a frame's payload: length, type, flags, stream.
const FRAME_HEADER: usize = 9;
/// The type of a frame that opens a request.
const HEADERS: u8 = 1;
/// The largest frame that is looked into; the server takes no larger one anyway.
const LARGEST: usize = 16 << 10;
/// Bytes read from the socket at once.
const CHUNK: usize = 64 << 10;

/// A connection whose requests have an authority that HTTP/2 allows.
#[derive(Debug)]
pub struct Mended {
    inner: UnixStream,
    /// What was read and not handed on yet.
    buffer: Vec<u8>,
    /// How many bytes of it were looked at.
    seen: usize,
    /// How many bytes after those need no look: a preface, another frame's payload.
    skip: usize,
}

impl Mended {
    /// Wraps a connection from its first byte on.
    pub fn new(inner: UnixStream) -> Mended {
        Mended { inner, buffer: Vec::new(), seen: 0, skip: PREFACE }
    }

    /// Looks at the frames in the buffer, as far as they are there.
    fn look(&mut self) {
        loop {
            let skipped = self.skip.min(self.buffer.len() - self.seen);
            self.seen += skipped;
            self.skip -= skipped;
            let rest = self.buffer.get_mut(self.seen..).unwrap_or_default();
            let Some((&mut [a, b, c, kind, flags, ..], payload)) =
                rest.split_first_chunk_mut::<FRAME_HEADER>()
            else {
                return;
            };
            let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            if kind == HEADERS && length <= LARGEST {
                let Some(payload) = payload.get_mut(..length) else { return };
                mend(payload, flags);
            }
            self.skip = FRAME_HEADER + length;
        }
    }
}

/// Mends the authority in the payload of a HEADERS frame (RFC 9113, 6.2).
fn mend(payload: &mut [u8], flags: u8) {
    let padded = usize::from(flags & 0x8 != 0);
    let priority = if flags & 0x20 != 0 { 5 } else { 0 };
    let Some(block) = payload.get_mut(padded + priority..) else { return };
    // What cannot be read is left for the HTTP/2 library to refuse.
    let _ = mend_block(block);
}

/// Walks the fields of a header block (RFC 7541, 6); `None` where it breaks off.
fn mend_block(block: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while let Some(&first) = block.get(at) {
        let prefix = match first {
            0x80.. => 7,
            0x40.. => 6,
            0x20.. => 5,
            _ => 4,
        };
        let (index, after) = integer(block, at, prefix)?;
        at = after;
        if prefix == 7 || prefix == 5 {
            continue;
        }
        let mut is_authority = index == 1;
        if index == 0 {
            let (name, after) = string(block, at)?;
            is_authority = block.get(name) == Some(b":authority");
            at = after;
        }
        let huffman = block.get(at)? & 0x80 != 0;
        let (value, after) = string(block, at)?;
        at = after;
        if is_authority && !huffman {
            for byte in block.get_mut(value)?.iter_mut().filter(|byte| **byte == b'%') {
                *byte = b'.';
            }
        }
    }
    Some(())
}

/// An integer with a prefix of so many bits, and where it ends.
fn integer(block: &[u8], at: usize, prefix: u32) -> Option<(usize, usize)> {
    let mask = (1_usize << prefix) - 1;
    let mut value = usize::from(*block.get(at)?) & mask;
    let mut at = at + 1;
    if value < mask {
        return Some((value, at));
    }
    for shift in [0, 7, 14] {
        let byte = usize::from(*block.get(at)?);
        at += 1;
        value += (byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}

/// Where a string's bytes are, and where it ends.
fn string(block: &[u8], at: usize) -> Option<(std::ops::Range<usize>, usize)> {
    let (length, start) = integer(block, at, 7)?;
    let end = start.checked_add(length)?;
    (end <= block.len()).then_some((start..end, end))
}

impl AsyncRead for Mended {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.seen == 0 {
            let start = this.buffer.len();
            this.buffer.resize(start + CHUNK, 0);
            let mut chunk = ReadBuf::new(this.buffer.get_mut(start..).unwrap_or_default());
            let polled = Pin::new(&mut this.inner).poll_read(cx, &mut chunk);
            let read = chunk.filled().len();
            this.buffer.truncate(start + read);
            ready!(polled)?;
            if read == 0 {
                // The end: what is left of a frame goes as it is.
                this.seen = this.buffer.len();
                break;
            }
            this.look();
        }
        let count = this.seen.min(out.remaining());
        out.put_slice(this.buffer.get(..count).unwrap_or_default());
        this.buffer.drain(..count);
        this.seen -= count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Mended {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

impl Connected for Mended {
    type ConnectInfo = <UnixStream as Connected>::ConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.inner.connect_info()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).unwrap();
        [&[0, 0, length, kind, flags, 0, 0, 0, 1], payload].concat()
    }

    /// What the server reads of what a client sends, in pieces of this size.
    async fn read(sent: &[u8], piece: usize) -> Vec<u8> {
        let (mut client, server) = UnixStream::pair().unwrap();
        let mut mended = Mended::new(server);
        let pieces: Vec<Vec<u8>> = sent.chunks(piece).map(<[u8]>::to_vec).collect();
        let send = tokio::spawn(async move {
            for piece in pieces {
                client.write_all(&piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
        let mut got = Vec::new();
        mended.read_to_end(&mut got).await.unwrap();
        send.await.unwrap();
        got
    }

    #[tokio::test]
    async fn only_the_authority_is_mended() {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        let named = b"\x83\x40\x0a:authority\x0ctmp%2Fa.sock\x00\x01x\x03%25";
        let indexed = b"\x3f\xe1\x1f\x41\x05a%2Fb\x04\x03%2F";
        let padded = [&[2], &[0; 5][..], &indexed[..], &[0, 0]].concat();
        let sent = [
            &preface[..],
            &frame(4, 0, b"\x40\x0a:authority\x01%"),
            &frame(HEADERS, 4, named),
            &frame(0, 0, b":authority\x05a%2Fb"),
            &frame(HEADERS, 0x2c, &padded),
        ]
        .concat();
        let mut expected = sent.clone();
        for percent in ["tmp%2Fa.sock", "a%2Fb\x04"] {
            let at = expected.windows(percent.len()).position(|w| w == percent.as_bytes()).unwrap();
            expected[at + percent.find('%').unwrap()] = b'.';
        }
        for piece in [1, 3, 7, sent.len()] {
            assert_eq!(read(&sent, piece).await, expected, "in pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn a_broken_block_passes_as_it_is() {
        let block = b"\x40\x0a:authority\x7f%";
        let sent = [&[b'P'; PREFACE][..], &frame(HEADERS, 4, block), b"\x00\x00"].concat();
        assert_eq!(read(&sent, 5).await, sent);
    }
}
