//! Files of charts that were read before, found again by their content.

use super::archive::KnownArchives;
use super::schema::KnownSchemas;
use super::values::KnownValues;

/// What reading files left to those who read the same ones.
#[derive(Debug)]
pub struct KnownFiles {
    /// Values files.
    pub values: KnownValues,
    /// Packed charts.
    pub archives: KnownArchives,
    /// Schemas.
    pub schemas: KnownSchemas,
}

impl KnownFiles {
    /// None yet; each kind may take about `share` bytes.
    pub fn new(share: u64) -> KnownFiles {
        KnownFiles {
            values: KnownValues::new(share),
            archives: KnownArchives::new(share),
            schemas: KnownSchemas::new(share),
        }
    }
}
