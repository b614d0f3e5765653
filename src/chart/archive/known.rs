//! Packed charts that were unpacked before, found again by their content: the renders of
//! an application, and its commits, seldom differ in the charts that it depends on.

use std::sync::Arc;

use crate::data::digest::Digest;
use crate::data::kept::Kept;
use crate::error::{Error, Result};

use super::super::{File, KnownFiles};
use super::Limits;

/// About what a file takes beside its path and its content.
const A_FILE: u64 = 128;

/// What an archive came to.
#[derive(Debug)]
pub struct Unpacked {
    files: Vec<File>,
    /// What unpacking took off the limits.
    bytes: u64,
}

/// The files of unpacked charts, by the digest of the archive, which is not kept.
pub type KnownArchives = Kept<Digest, Arc<Unpacked>>;

/// What [`super::read`] makes of an archive, and takes off `limits`. What was unpacked
/// before is looked for among `known`, and what is new is kept there; an archive that is
/// refused is not.
///
/// # Errors
/// Its own.
pub fn read(tgz: &[u8], limits: &mut Limits, known: Option<&KnownFiles>) -> Result<Vec<File>> {
    let Some(kept) = known.map(|known| &known.archives) else {
        return super::read(tgz, limits);
    };
    let digest = Digest::of(tgz);
    // Where the limits do not reach as far, unpacking it says so.
    if let Some(unpacked) = kept.get(&digest)
        && let Some(left) = limits.bytes.checked_sub(unpacked.bytes)
    {
        limits.bytes = left;
        return Ok(unpacked.files.clone());
    }
    let before = limits.bytes;
    let files = super::read(tgz, limits)?;
    let takes = files.iter().try_fold(A_FILE, |sum, file| {
        Ok::<_, Error>(sum + A_FILE + file.path.len() as u64 + file.data()?.len() as u64)
    })?;
    if kept.takes(takes) {
        let unpacked = Unpacked { files: files.clone(), bytes: before - limits.bytes };
        kept.keep(digest, Arc::new(unpacked), takes);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tgz;
    use super::*;
    use crate::error::Kind;

    fn shown(files: &[File]) -> Vec<(&str, &[u8])> {
        files.iter().map(|file| (file.path.as_str(), file.data().unwrap().as_bytes())).collect()
    }

    #[test]
    fn a_known_archive_is_what_a_new_one_is_and_takes_as_much_off_the_limits() {
        let known = KnownFiles::new(1 << 20);
        let packed = tgz(&[("t/Chart.yaml", b"name: t\n"), ("t/a", &[7; 2000])]);
        let mut alone = Limits::default();
        let expected = super::super::read(&packed, &mut alone).unwrap();
        for round in 0..3 {
            let mut limits = Limits::default();
            let files = read(&packed, &mut limits, Some(&known)).unwrap();
            assert_eq!(shown(&files), shown(&expected));
            assert_eq!((limits.bytes, known.archives.hits()), (alone.bytes, round));
        }
        let content: usize = "Chart.yaml".len() + "name: t\n".len() + "a".len() + 2000;
        assert_eq!(known.archives.bytes(), 3 * A_FILE + content as u64);
    }

    #[test]
    fn a_limit_holds_for_a_known_archive_too() {
        let known = KnownFiles::new(1 << 20);
        let packed = tgz(&[("t/a", &[7; 5000])]);
        read(&packed, &mut Limits::default(), Some(&known)).unwrap();
        let mut limits = Limits { bytes: 4000, depth: 16 };
        let error = read(&packed, &mut limits, Some(&known)).unwrap_err();
        assert_eq!(error.kind, Kind::Limit);
        assert_eq!(error.to_string(), "chart archives unpack to more than 512 MiB in all");
    }

    #[test]
    fn what_is_refused_is_refused_again_and_what_is_too_large_is_not_kept() {
        let known = KnownFiles::new(1000);
        for _ in 0..2 {
            let error = read(b"a\n", &mut Limits::default(), Some(&known)).unwrap_err();
            assert_eq!(error.to_string(), "unexpected EOF");
            let large = tgz(&[("t/a", &[7; 2000])]);
            assert_eq!(read(&large, &mut Limits::default(), Some(&known)).unwrap().len(), 1);
            assert_eq!((known.archives.bytes(), known.archives.hits()), (0, 0));
        }
    }
}
