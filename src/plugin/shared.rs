//! What the calls share: cores, snapshots, answers, and the work that is under way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{RwLock, Semaphore};
use tracing::{info, warn};

use crate::data::digest::Digest;
use crate::error::{Error, Kind, Result};
use crate::notice::{Level, Notices};
use crate::pipeline::{self, Caches};
use crate::registry::Registry;
use crate::repository::recorder::Recorder;
use crate::repository::snapshot::Snapshot;
use crate::repository::snapshots::{NoRoom, Snapshots};
use crate::repository::unpack::{self, unpack};

use super::answers::{Answers, Key, Origin};
use super::call::Call;
use super::flight::Flights;
use super::metrics::{Gauges, Metrics, Phase};
use super::places::Places;
use super::proto::plugin::AppStreamRequest;
use super::request;
use super::spool::{Incoming, Spools};
use super::stream::{self, Archive, Received};
use super::turn::{MOST_WAITING, Seat};

/// Everything that makes two renders the same one: archive, application, and the
/// whole environment.
type Render = (Digest, String, BTreeMap<String, String>);

/// What the calls share.
pub struct Shared {
    limits: unpack::Limits,
    budget: u64,
    /// One place a core: renders are work, not waiting.
    places: Arc<Places>,
    /// Those who may leave theirs while they wait for the network.
    waiting: Arc<Semaphore>,
    /// The way to charts and dependencies that are not in a repository.
    registry: Option<Arc<Registry>>,
    spools: Spools,
    snapshots: Arc<Snapshots>,
    unpacking: Flights<Digest, Arc<Snapshot>>,
    alone: RwLock<()>,
    caches: Arc<Caches>,
    answers: Arc<Answers>,
    rendering: Flights<Render, Arc<Vec<String>>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl Shared {
    /// Nothing known yet. Archives that come in, snapshots, answers and what else
    /// renders leave may take `budget` bytes: 25, 40, 10, and five times 5 percent of
    /// it. An archive of the largest size is always taken.
    pub fn new(limits: unpack::Limits, budget: u64, registry: Option<Arc<Registry>>) -> Shared {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = budget / 20;
        Shared {
            limits,
            budget,
            places: Places::new(cores),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            registry,
            spools: Spools::new((5 * share).max(limits.packed)),
            snapshots: Arc::new(Snapshots::new(8 * share)),
            unpacking: Flights::default(),
            alone: RwLock::default(),
            caches: Arc::new(Caches::new(share)),
            answers: Arc::new(Answers::new(2 * share)),
            rendering: Flights::default(),
            metrics: Arc::default(),
        }
    }

    /// What renders leave to others.
    pub fn caches(&self) -> Arc<Caches> {
        self.caches.clone()
    }

    /// What stands in memory now.
    pub fn gauges(&self) -> Gauges {
        let Caches { templates, files, documents } = &*self.caches;
        Gauges {
            snapshots: self.snapshots.count() as u64,
            snapshot_bytes: self.snapshots.bytes(),
            answer_bytes: self.answers.bytes(),
            template_bytes: templates.bytes(),
            template_hits: templates.hits(),
            values_bytes: files.values.bytes(),
            values_hits: files.values.hits(),
            archive_bytes: files.archives.bytes(),
            archive_hits: files.archives.hits(),
            schema_bytes: files.schemas.bytes(),
            schema_hits: files.schemas.hits(),
            document_bytes: documents.bytes(),
            document_hits: documents.hits(),
            incoming_bytes: self.spools.bytes(),
            budget_bytes: self.budget,
            queue: self.metrics.waiting(),
            busy: self.places.busy() as u64,
        }
    }

    /// Receives a call's repository; the archive is unpacked unless it is known.
    pub async fn receive(
        &self,
        call: &Call,
        messages: tonic::Streaming<AppStreamRequest>,
    ) -> Result<(Received, Arc<Snapshot>)> {
        let receiving = stream::receive(messages, self.limits.packed, &self.spools, &self.snapshots);
        let (received, archive) = call.until(Phase::Receiving, receiving).await?;
        self.metrics.received.add(received.size);
        let snapshot = match archive {
            Archive::Known(snapshot) => {
                self.metrics.snapshot_hits.add(1);
                snapshot
            }
            Archive::New(incoming) => self.unpacked(call, &received, &incoming).await?,
        };
        Ok((received, snapshot))
    }

    /// The snapshot of an archive that was new when it began to come in.
    async fn unpacked(&self, call: &Call, received: &Received, incoming: &Incoming) -> Result<Arc<Snapshot>> {
        let checksum = received.checksum;
        let known = AtomicBool::new(true);
        let unpacking = self.unpacking.join(&checksum, async {
            // Another stream of the same archive may have been quicker.
            if let Some(snapshot) = self.snapshots.get(&checksum) {
                return Ok(snapshot);
            }
            known.store(false, Ordering::Relaxed);
            let together = self.alone.read().await;
            let result = self.unpack(call, received, incoming).await;
            drop(together);
            match result {
                Err(error) if is_no_room(&error) => self.unpack_alone(call, received, incoming).await,
                result => result,
            }
        });
        let snapshot = call.wait(Phase::Unpacking, unpacking).await?;
        self.metrics.snapshot_hits.add(u64::from(known.into_inner()));
        Ok(snapshot)
    }

    /// Archives that are unpacked at the same time may each have taken the room that
    /// the other one needs. Alone, one has all that no call uses.
    async fn unpack_alone(
        &self,
        call: &Call,
        received: &Received,
        incoming: &Incoming,
    ) -> Result<Arc<Snapshot>> {
        let _alone = self.alone.write().await;
        loop {
            match self.unpack(call, received, incoming).await {
                Err(error) if is_no_room(&error) && self.snapshots.bytes() > 0 => {
                    call.until(Phase::Queueing, self.freed()).await?;
                }
                result => return result,
            }
        }
    }

    /// Waits until there is more room for snapshots.
    async fn freed(&self) -> Result<()> {
        let used = self.snapshots.bytes();
        while self.snapshots.bytes() >= used && !self.snapshots.evict() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    async fn unpack(&self, call: &Call, received: &Received, incoming: &Incoming) -> Result<Arc<Snapshot>> {
        let (limits, snapshots, incoming) = (self.limits, self.snapshots.clone(), incoming.clone());
        let (checksum, metrics, budget) = (received.checksum, self.metrics.clone(), call.budget());
        self.work(call, &received.application, Phase::Unpacking, move |_| {
            let stop = || budget.check(Phase::Unpacking);
            let snapshot = Arc::new(incoming.with(|archive| unpack(archive, limits, &snapshots, &stop))?);
            metrics.unpacked.add(1);
            snapshots.keep(checksum, snapshot.clone());
            Ok(snapshot)
        })
        .await
    }

    /// Does `work` for the application on a thread of its own as soon as it is its turn.
    pub async fn work<T: Send + 'static>(
        &self,
        call: &Call,
        application: &str,
        phase: Phase,
        work: impl FnOnce(Arc<Seat>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let waiting = self.metrics.wait();
        let place = call.until(Phase::Queueing, async { Ok(self.places.take(application).await) }).await?;
        drop(waiting);
        let seat = Arc::new(Seat::new(&self.places, application, place, &self.waiting));
        let job = tokio::task::spawn_blocking(move || {
            let result = work(seat.clone());
            drop(seat);
            result
        });
        let panicked = |_| Err(Error::new(Kind::Internal, format!("{} panicked", phase.words())));
        call.until(phase, async { job.await.unwrap_or_else(panicked) }).await
    }

    /// The manifests of the application that came: known ones, or rendered.
    pub async fn manifests(
        &self,
        call: &Call,
        received: Received,
        snapshot: Arc<Snapshot>,
    ) -> Result<Arc<Vec<String>>> {
        let Received { application, app_path, env, checksum, .. } = received;
        let mut request = request::from_environment(&app_path, &env)?;
        let key = Key { app_path: app_path.clone(), parameters: request.parameters.clone() };
        if let Some(known) = self.answers.get(&key, &checksum, None, &request.build) {
            self.metrics.answer_hits.add(1);
            return Ok(known);
        }
        let same = (checksum, app_path, env);
        let rendering = self.rendering.join(&same, async {
            let budget = call.budget();
            request.caches = Some(self.caches());
            request.registry = self.registry.clone();
            budget.limit(&mut request);
            let (answers, metrics) = (self.answers.clone(), self.metrics.clone());
            self.work(call, &application, Phase::Rendering, move |seat| {
                request.turn = Some(seat);
                if let Some(known) = answers.get(&key, &checksum, Some(&snapshot), &request.build) {
                    metrics.answer_hits.add(1);
                    return Ok(known);
                }
                metrics.rendered.add(1);
                let stop = || budget.check(Phase::Rendering);
                let recorder = Recorder::new(&snapshot, &stop);
                let made = pipeline::generate(&recorder, &request, pipeline::json_objects)?;
                log(&request.app_path, &made.notices);
                let manifests = Arc::new(made.answer);
                if !made.changes {
                    let variables = request.build.answers();
                    let origin = Origin { record: recorder.into_record(), variables };
                    answers.keep(key, checksum, origin, manifests.clone());
                }
                Ok(manifests)
            })
            .await
        });
        call.wait(Phase::Rendering, rendering).await
    }
}

fn is_no_room(error: &Error) -> bool {
    error.source.as_ref().is_some_and(|source| source.is::<NoRoom>())
}

/// What a person should hear of goes to the log.
fn log(app: &str, notices: &Notices) {
    for notice in &notices.0 {
        let details: String = notice.fields.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        match notice.level {
            Level::Info => info!(app, "{}{details}", notice.message),
            Level::Warn | Level::Error => warn!(app, "{}{details}", notice.message),
        }
    }
}
