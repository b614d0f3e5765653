//! Archives as they should not be, built header by header.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::repository::{Skipped, Tree};

fn entry(name: &str, kind: EntryType, link: &str, data: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    // The header's bytes are set directly: the crate refuses to write such names.
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(data.len() as u64);
    header.set_mode(0);
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend_from_slice(data);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn pack(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    for entry in entries {
        gz.write_all(entry).unwrap();
    }
    gz.write_all(&[0; 1024]).unwrap();
    gz.finish().unwrap()
}

fn unpack(archive: &[u8], limits: Limits) -> Result<Snapshot> {
    super::unpack(archive, limits, &Snapshots::new(u64::MAX), &|| Ok(()))
}

fn refused(entries: &[Vec<u8>]) -> (Kind, String) {
    let error = unpack(&pack(entries), Limits::default()).unwrap_err();
    (error.kind, error.to_string())
}

#[test]
fn files_directories_and_links_come_out() {
    let archive = pack(&[
        entry(".", EntryType::Directory, "", b""),
        entry("a", EntryType::Directory, "", b""),
        entry("a/f", EntryType::Regular, "", b"text"),
        entry("l", EntryType::Symlink, "a/f", b""),
    ]);
    let tree = unpack(&archive, Limits::default()).unwrap();
    assert_eq!(tree.read("l", 10).unwrap(), "text".into());
    assert_eq!(tree.list("").unwrap(), ["a", "l"]);
}

#[test]
fn several_gzip_members_are_one_archive() {
    let whole = [entry("a", EntryType::Regular, "", b"1"), entry("b", EntryType::Regular, "", b"2")].concat();
    let mut members = Vec::new();
    for part in whole.chunks(700) {
        let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
        gz.write_all(part).unwrap();
        members.extend(gz.finish().unwrap());
    }
    assert_eq!(unpack(&members, Limits::default()).unwrap().list("").unwrap(), ["a", "b"]);
}

#[test]
fn paths_that_leave_are_refused() {
    for name in ["../x", "a/../../x", "/etc/passwd", "c:\\x", "a\\..\\x"] {
        let (kind, message) = refused(&[entry(name, EntryType::Regular, "", b"x")]);
        assert_eq!(kind, Kind::Forbidden);
        assert_eq!(message, format!("the repository's archive has a path that is not allowed: {name}"));
    }
}

#[test]
fn entries_of_other_types_are_refused() {
    for (kind, words) in [
        (EntryType::Link, "a hard link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a named pipe"),
    ] {
        let (error, message) = refused(&[entry("x", kind, "target", b"")]);
        assert_eq!(error, Kind::Forbidden);
        assert_eq!(
            message,
            format!("the repository's archive has an entry that is not allowed: x is {words}")
        );
    }
}

#[test]
fn limits_hold_before_memory_is_filled() {
    let bomb = pack(&[entry("zeros", EntryType::Regular, "", &vec![0; 4 << 20])]);
    assert!(bomb.len() < 64 << 10);
    let limits = Limits { unpacked: 1 << 20, ..Limits::default() };
    let error = unpack(&bomb, limits).unwrap_err();
    assert_eq!(error.kind, Kind::Limit);
    assert_eq!(error.to_string(), "the repository's archive is too large: more than 1048576 bytes unpacked");

    let many: Vec<_> = (0..5).map(|i| entry(&format!("f{i}"), EntryType::Regular, "", b"")).collect();
    let error = unpack(&pack(&many), Limits { entries: 4, ..Limits::default() }).unwrap_err();
    assert_eq!(error.to_string(), "the repository's archive is too large: more than 4 entries");
}

#[test]
fn garbage_is_an_error_in_words() {
    let error = unpack(&b"\0not gzip".repeat(9), Limits::default()).unwrap_err();
    assert_eq!(error.kind, Kind::Corrupt);
    assert_eq!(error.to_string(), "the repository's archive cannot be read: invalid gzip header");
    let whole = pack(&[entry("a", EntryType::Regular, "", &[7; 9000])]);
    assert_eq!(unpack(&whole[..whole.len() / 2], Limits::default()).unwrap_err().kind, Kind::Corrupt);
}

/// A path of two thousand names would otherwise become as many directories,
/// each with its whole path, for every entry that has one.
#[test]
fn long_paths_make_no_endless_directories() {
    let long = |name: &str| {
        [entry("long", EntryType::GNULongName, "", name.as_bytes()), entry("f", EntryType::Regular, "", b"")]
    };
    let paths: Vec<_> = (0..100).flat_map(|i| long(&format!("{i}/{}f", "d/".repeat(2_000)))).collect();
    let (kind, message) = refused(&paths);
    assert_eq!(kind, Kind::Limit);
    assert_eq!(message, "the repository's archive is too large: more than 100000 entries");
    let (kind, message) = refused(&long(&"d/".repeat(1 << 20)));
    assert_eq!(kind, Kind::Forbidden);
    assert!(message.starts_with("the repository's archive has a path that is not allowed: d/d/"));
    assert!(message.len() < 300);
    let target = entry("long", EntryType::GNULongLink, "", "d/".repeat(1 << 20).as_bytes());
    let (kind, _) = refused(&[target, entry("l", EntryType::Symlink, "x", b"")]);
    assert_eq!(kind, Kind::Forbidden);
}

#[test]
fn large_binaries_are_skipped_and_text_and_archives_never_are() {
    let size = usize::try_from(LARGEST_BINARY).unwrap() + 1;
    let mut binary = vec![b'a'; size];
    binary[100] = 0;
    let archive = pack(&[
        entry("docs/film.mp4", EntryType::Regular, "", &binary),
        entry("charts/sub-1.0.0.tgz", EntryType::Regular, "", &binary),
        entry("small.png", EntryType::Regular, "", &binary[..size - 1]),
        entry("text", EntryType::Regular, "", "é".repeat(size / 2 + 1).as_bytes()),
    ]);
    let tree = unpack(&archive, Limits::default()).unwrap();
    assert_eq!(tree.list("docs").unwrap(), ["film.mp4"]);
    assert_eq!(tree.entry("docs/film.mp4").unwrap().unwrap().kind, crate::repository::EntryKind::File);
    let error = tree.read("docs/film.mp4", u64::MAX).unwrap_err();
    assert_eq!(
        error.to_string(),
        "docs/film.mp4: a binary file of 1048577 bytes is not kept in memory (the limit is 1048576)"
    );
    assert!(error.source.unwrap().is::<Skipped>());
    for (path, length) in [("charts/sub-1.0.0.tgz", size), ("small.png", size - 1), ("text", size + 1)] {
        assert_eq!(tree.read(path, u64::MAX).unwrap().len(), length, "{path}");
    }
}

#[test]
fn room_is_taken_for_files_and_names_and_given_back() {
    let snapshots = Snapshots::new(10_000);
    let unpack =
        |entries: &[Vec<u8>]| super::unpack(&pack(entries), Limits::default(), &snapshots, &|| Ok(()));
    let tree = unpack(&[entry("f", EntryType::Regular, "", &[b'a'; 5000])]).unwrap();
    assert_eq!(snapshots.bytes(), 5000 + NODE + 1);
    let error = unpack(&[entry("g", EntryType::Regular, "", &[b'b'; 5000])]).unwrap_err();
    assert!(error.source.unwrap().is::<crate::repository::snapshots::NoRoom>());
    let many: Vec<_> = (0..50).map(|i| entry(&format!("d{i}"), EntryType::Directory, "", b"")).collect();
    assert!(unpack(&many).is_err());
    drop(tree);
    assert_eq!(snapshots.bytes(), 0);
    unpack(&many).unwrap();
}

#[test]
fn work_that_nobody_waits_for_stops() {
    let archive = pack(&[entry("f", EntryType::Regular, "", b"a")]);
    let stop = || Err(Error::new(Kind::Cancelled, "gone"));
    let error = super::unpack(&archive, Limits::default(), &Snapshots::new(1 << 20), &stop).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Cancelled, "gone"));
}
