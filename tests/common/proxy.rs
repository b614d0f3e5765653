//! A proxy that takes the hosts of ECR to a server of the test's.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use super::certs::{ECR, PUBLIC};

/// A proxy that takes every host to one address: it stands for DNS.
pub fn proxy(to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || tunnel(client, to));
        }
    });
    address
}

fn tunnel(mut client: TcpStream, to: SocketAddr) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let known = [ECR, PUBLIC].map(|host| format!("CONNECT {host}:443 "));
    let head = String::from_utf8_lossy(&head);
    assert!(known.iter().any(|known| head.starts_with(known)), "{head}");
    let Ok(mut server) = TcpStream::connect(to) else {
        return client.write_all(b"HTTP/1.1 503 gone\r\n\r\n").ok();
    };
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut from, mut back) = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut back);
        let _ = back.shutdown(std::net::Shutdown::Both);
    });
    let _ = std::io::copy(&mut client, &mut server);
    let _ = server.shutdown(std::net::Shutdown::Both);
    Some(())
}
