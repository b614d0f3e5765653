//! Archives that are coming in. Argo CD sends the same archive for every
//! application of a commit, many at once: those that say the same share one buffer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Kind, Result};

/// Room is given out in pieces of this many bytes.
const PIECE: u64 = 64 << 10;

/// The archives that are coming in right now, by what was announced. Nobody has to
/// tell the truth: streams share bytes as far as they are equal.
#[derive(Debug)]
pub struct Spools {
    open: Mutex<HashMap<Announced, Weak<Spool>>>,
    room: Arc<Semaphore>,
    size: u64,
}

/// What the metadata of a stream says of the archive that follows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Announced {
    /// Its SHA-256, in hexadecimal digits.
    pub checksum: String,
    /// Its bytes.
    pub size: u64,
}

/// The bytes that several streams said so far, and the room that was given to them.
#[derive(Debug)]
struct Spool {
    bytes: RwLock<Vec<u8>>,
    room: Mutex<OwnedSemaphorePermit>,
}

impl Spool {
    fn new(bytes: Vec<u8>, room: OwnedSemaphorePermit) -> Spool {
        Spool { bytes: RwLock::new(bytes), room: Mutex::new(room) }
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<u8>> {
        self.bytes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that there is room for `size` bytes. What was announced has it from
    /// the beginning on.
    fn reserve(&self, size: usize, room: &Arc<Semaphore>) -> Result<()> {
        let mut own = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let more = pieces(size as u64).saturating_sub(u32::try_from(own.num_permits()).unwrap_or(u32::MAX));
        if more > 0 {
            own.merge(room.clone().try_acquire_many_owned(more).map_err(|_| no_room())?);
        }
        Ok(())
    }

    /// Whether the bytes from `at` on go on with `chunk`; what is not there yet is
    /// appended, if there is room.
    fn goes_on(&self, at: usize, chunk: &[u8], room: &Arc<Semaphore>) -> Result<bool> {
        if let Some(there) = self.read().get(at..at + chunk.len()) {
            return Ok(there == chunk);
        }
        self.reserve(at + chunk.len(), room)?;
        let mut bytes = self.bytes.write().unwrap_or_else(PoisonError::into_inner);
        let there = bytes.len().saturating_sub(at).min(chunk.len());
        let (known, new) = chunk.split_at(there);
        let equal = bytes.get(at..at + there) == Some(known);
        if equal {
            bytes.extend_from_slice(new);
        }
        Ok(equal)
    }
}

/// One stream's archive: how much of a shared buffer it has said.
#[derive(Debug, Clone)]
pub struct Incoming {
    spool: Arc<Spool>,
    said: usize,
}

fn pieces(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX)
}

fn no_room() -> Error {
    Error::new(Kind::Limit, "there is no room in memory for another archive now")
}

impl Spools {
    /// Room for `size` bytes of archives that come in at the same time.
    pub fn new(size: u64) -> Spools {
        let room = Arc::new(Semaphore::new(pieces(size) as usize));
        Spools { open: Mutex::default(), room, size }
    }

    /// An archive that begins now; waits for room for what was announced.
    ///
    /// # Errors
    /// There will never be so much room.
    pub async fn begin(&self, announced: &Announced) -> Result<Incoming> {
        if let Some(spool) = self.find(announced) {
            return Ok(Incoming { spool, said: 0 });
        }
        let size = announced.size;
        if size > self.size {
            return Err(no_room());
        }
        let room = self.room.clone().acquire_many_owned(pieces(size)).await.map_err(|_| no_room())?;
        // The memory is touched only as it is filled.
        let bytes = Vec::with_capacity(usize::try_from(size).map_err(|_| no_room())?);
        let spool = Arc::new(Spool::new(bytes, room));
        let mut open = self.lock();
        // Another one may have begun meanwhile.
        let spool = open.get(announced).and_then(Weak::upgrade).unwrap_or(spool);
        enter(&mut open, announced, &spool);
        Ok(Incoming { spool, said: 0 })
    }

    fn find(&self, announced: &Announced) -> Option<Arc<Spool>> {
        self.lock().get(announced).and_then(Weak::upgrade)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Announced, Weak<Spool>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of room that are given out.
    pub fn bytes(&self) -> u64 {
        let free = self.room.available_permits() as u64 * PIECE;
        (u64::from(pieces(self.size)) * PIECE).saturating_sub(free)
    }

    /// Takes the next piece of an archive. One that no longer says what the others
    /// do goes on alone, or with those that left the same way before.
    ///
    /// # Errors
    /// There is no room for more than was announced.
    pub fn say(&self, announced: &Announced, incoming: &mut Incoming, chunk: &[u8]) -> Result<()> {
        if !incoming.spool.goes_on(incoming.said, chunk, &self.room)? {
            self.part(announced, incoming, chunk)?;
        }
        incoming.said += chunk.len();
        Ok(())
    }

    fn part(&self, announced: &Announced, incoming: &mut Incoming, chunk: &[u8]) -> Result<()> {
        let size = (incoming.said + chunk.len()) as u64;
        let room = self.room.clone().try_acquire_many_owned(pieces(size)).map_err(|_| no_room())?;
        let mut said = incoming.with(<[u8]>::to_vec);
        said.extend_from_slice(chunk);
        let other = self.find(announced).filter(|other| !Arc::ptr_eq(other, &incoming.spool));
        if let Some(other) = other
            && other.goes_on(0, &said, &self.room)?
        {
            incoming.spool = other;
            return Ok(());
        }
        incoming.spool = Arc::new(Spool::new(said, room));
        enter(&mut self.lock(), announced, &incoming.spool);
        Ok(())
    }
}

/// Makes a spool the one that new streams of the archive go on with.
fn enter(open: &mut HashMap<Announced, Weak<Spool>>, announced: &Announced, spool: &Arc<Spool>) {
    open.retain(|_, spool| spool.strong_count() > 0);
    open.insert(announced.clone(), Arc::downgrade(spool));
}

impl Incoming {
    /// Does `work` on the bytes that came.
    pub fn with<R>(&self, work: impl FnOnce(&[u8]) -> R) -> R {
        work(self.spool.read().get(..self.said).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn bytes(incoming: &Incoming) -> Vec<u8> {
        incoming.with(<[u8]>::to_vec)
    }

    fn announced(checksum: &str, size: u64) -> Announced {
        Announced { checksum: checksum.to_owned(), size }
    }

    fn say(spools: &Spools, incoming: &mut Incoming, chunk: &[u8]) -> Result<()> {
        spools.say(&announced("x", 8), incoming, chunk)
    }

    async fn begin<const N: usize>(spools: &Spools) -> [Incoming; N] {
        let mut begun = Vec::new();
        for _ in 0..N {
            begun.push(spools.begin(&announced("x", 8)).await.unwrap());
        }
        begun.try_into().unwrap()
    }

    #[tokio::test]
    async fn equal_streams_share_their_bytes_whoever_is_ahead() {
        let spools = Spools::new(PIECE);
        let [mut first, mut second] = begin(&spools).await;
        say(&spools, &mut first, b"abc").unwrap();
        say(&spools, &mut second, b"abcdef").unwrap();
        say(&spools, &mut first, b"defgh").unwrap();
        assert_eq!((bytes(&first), bytes(&second)), (b"abcdefgh".to_vec(), b"abcdef".to_vec()));
        assert!(Arc::ptr_eq(&first.spool, &second.spool));
        drop(first);
        say(&spools, &mut second, b"gh").unwrap();
        assert_eq!((bytes(&second), spools.bytes()), (b"abcdefgh".to_vec(), PIECE));
        drop(second);
        assert_eq!(spools.bytes(), 0);
    }

    #[tokio::test]
    async fn a_stream_that_says_something_else_goes_on_alone() {
        let spools = Spools::new(4 * PIECE);
        let [mut liar, mut honest, mut last] = begin(&spools).await;
        say(&spools, &mut liar, b"abXX").unwrap();
        say(&spools, &mut honest, b"ab").unwrap();
        say(&spools, &mut honest, b"cd").unwrap();
        let [mut late] = begin(&spools).await;
        say(&spools, &mut late, b"abcdef").unwrap();
        say(&spools, &mut liar, b"YY").unwrap();
        say(&spools, &mut last, b"abcd").unwrap();
        assert_eq!(
            [&liar, &honest, &late].map(bytes),
            [b"abXXYY".to_vec(), b"abcd".to_vec(), b"abcdef".to_vec()]
        );
        assert!([&late, &last].iter().all(|other| Arc::ptr_eq(&honest.spool, &other.spool)));
    }

    #[tokio::test]
    async fn no_more_comes_in_than_there_is_room_for() {
        let spools = Spools::new(2 * PIECE);
        assert_eq!(spools.begin(&announced("big", 2 * PIECE + 1)).await.unwrap_err().kind, Kind::Limit);
        let mut first = spools.begin(&announced("a", PIECE)).await.unwrap();
        let second = spools.begin(&announced("b", PIECE)).await.unwrap();
        let waiting = tokio::time::timeout(Duration::from_millis(20), spools.begin(&announced("c", 1))).await;
        assert!(waiting.is_err());
        let more = vec![0; usize::try_from(PIECE).unwrap() + 1];
        assert_eq!(spools.say(&announced("a", PIECE), &mut first, &more).unwrap_err().kind, Kind::Limit);
        drop(second);
        spools.say(&announced("a", PIECE), &mut first, &more).unwrap();
        assert_eq!(spools.bytes(), 2 * PIECE);
    }
}
