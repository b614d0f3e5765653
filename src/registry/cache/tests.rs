//! The cache on a real directory.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn cache(directory: &Path, size: u64) -> Cache {
    let life = Duration::from_secs(60);
    Cache::new(Settings { directory: directory.to_owned(), tag_life: life, index_life: life, size })
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Every file below the directory, sorted.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    while let Some(at) = pending.pop() {
        for entry in fs::read_dir(at).unwrap().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => pending.push(entry.path()),
                false => found.push(entry.path().strip_prefix(directory).unwrap().display().to_string()),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_kept_is_found_by_digest_and_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let one = cache(dir.path(), 1 << 20);
    let digest = one.keep(b"chart").unwrap();
    one.name("oci://r/a:1", &digest, Some("\"e\"")).unwrap();
    let other = cache(dir.path(), 1 << 20);
    assert_eq!(other.blob(&digest).unwrap(), b"chart");
    let named = other.named("oci://r/a:1").unwrap();
    assert_eq!((named.digest, named.etag.as_deref()), (digest, Some("\"e\"")));
    assert!(named.age < Duration::from_secs(30));
    assert_eq!(other.named("oci://r/a:2"), None);
}

#[test]
fn what_a_crash_or_a_disk_damaged_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path(), 1 << 20);
    let digest = cache.keep(b"chart").unwrap();
    cache.name("n", &digest, None).unwrap();
    let blob = dir.path().join("blobs/sha256").join(digest.hex());
    let name = dir.path().join("names").join(Digest::of(b"n").hex());
    for torn in [&b""[..], b"char", b"{\"name\":\"n\",", b"{\"name\":\"n\",\"digest\":\"sha256:00\"}"] {
        fs::write(&name, torn).unwrap();
        assert_eq!(cache.named("n"), None);
        fs::write(&blob, torn).unwrap();
        assert_eq!(cache.blob(&digest), None);
        assert!(!blob.exists(), "a damaged blob is thrown away");
    }
    cache.keep(b"chart").unwrap();
    assert_eq!(cache.blob(&digest).unwrap(), b"chart");
}

#[test]
fn the_least_used_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path(), 250);
    let long_ago = SystemTime::now() - Duration::from_secs(7200);
    let keep = |fill: u8, age: u32| {
        let digest = cache.keep(&[fill; 100]).unwrap();
        let path = dir.path().join("blobs/sha256").join(digest.hex());
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(long_ago + Duration::from_secs(u64::from(age))).unwrap();
        digest
    };
    let (a, b) = (keep(1, 0), keep(2, 1));
    assert!(cache.blob(&a).is_some(), "reading is using");
    let leftover = dir.path().join("tmp/half");
    fs::write(&leftover, "x").unwrap();
    fs::File::options().append(true).open(&leftover).unwrap().set_modified(long_ago).unwrap();
    let c = keep(3, 2);
    assert_eq!((cache.blob(&a).is_some(), cache.blob(&b), cache.blob(&c).is_some()), (true, None, true));
    assert!(!leftover.exists());
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = cache(&file.join("cache"), 1 << 20).keep(b"x").unwrap_err();
    assert_eq!(error.kind, Kind::Io);
    let text = error.to_string();
    assert!(text.ends_with("\nhint: TIPHYS_CACHE_DIR names another directory"), "{text}");
    // A full disk, which every system with Linux's devices has.
    let full = io::Error::from(io::ErrorKind::StorageFull);
    assert_eq!(cache(&file, 1).failed(&full).kind, Kind::Limit);
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    cache(&locked, 1 << 20).keep(b"x").unwrap();
    assert_eq!(files(&locked).len(), 1, "no scratch file is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_works_while_the_others_wait() {
    let dir = tempfile::tempdir().unwrap();
    // Two caches on one directory stand for two processes.
    let caches = [Arc::new(cache(dir.path(), 1 << 20)), Arc::new(cache(dir.path(), 1 << 20))];
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..16)
        .map(|i| {
            let (cache, inside, most) = (caches[i % 2].clone(), inside.clone(), most.clone());
            tokio::spawn(async move {
                let _guard = cache.alone("chart", soon()).await.unwrap();
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
    let _held = caches[0].alone("chart", soon()).await.unwrap();
    for waiting in &caches {
        let error = waiting.alone("chart", Instant::now() + Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.kind, Kind::Deadline);
        assert_eq!(error.to_string(), "the deadline passed while another request downloaded chart");
    }
}
