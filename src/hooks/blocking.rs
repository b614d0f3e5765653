//! What in a plan will not go as its author expects: hooks that block a later sync,
//! Jobs that cannot be changed, steps that wait for what never comes. The rules are
//! those of Argo CD's sync and of its health checks.

use std::collections::BTreeMap;

use crate::data::Value;
use crate::manifest::Manifest;

use super::needs::{self, Need};
use super::placement::{ARGO_SYNC_OPTIONS, field, list};
use super::plan::{Plan, Step};
use super::{DeletePolicy, Phase, Placed, Release};

/// Something to know of one of the plan's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A stable name of what kind of finding it is.
    pub code: &'static str,
    /// Which of the release's placed manifests it is about.
    pub placed: usize,
    /// The key of the object that shows it.
    pub key: &'static str,
    /// What it is, and what to do.
    pub message: String,
}

/// Everything found, in the plan's order.
pub fn findings(release: &Release, plan: &Plan) -> Vec<Finding> {
    let mut all = Findings { release, plan, found: Vec::new() };
    for (at, step) in plan.steps.iter().enumerate() {
        let Some(placed) = release.placed.get(step.placed) else { continue };
        all.annotations(step, placed);
        if step.hook {
            all.hook(step, placed);
        } else {
            all.resource(step, &placed.manifest);
        }
        all.waiting(at, step, &placed.manifest);
        all.needs(at, step, &placed.manifest);
    }
    all.deletion_waves();
    all.twice();
    let mut found = all.found;
    let mut seen = Vec::new();
    found.retain(|finding| {
        let new = !seen.contains(finding);
        seen.push(finding.clone());
        new
    });
    found
}

struct Findings<'a> {
    release: &'a Release,
    plan: &'a Plan,
    found: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, step: &Step, code: &'static str, key: &'static str, message: String) {
        self.found.push(Finding { code, placed: step.placed, key, message });
    }

    /// Kubernetes' annotations are texts; Argo CD sees none at all where one is not.
    fn annotations(&mut self, step: &Step, placed: &Placed) {
        let annotations = field(placed.manifest.object(), &["metadata", "annotations"]);
        let entries = annotations.and_then(|a| a.as_map().map(crate::data::Map::entries)).unwrap_or_default();
        if let Some((name, _)) = entries.iter().find(|(_, value)| !matches!(value, Value::Str(_))) {
            let message = format!(
                "{}: annotation {name} is not a text, so Kubernetes refuses the object: quote it",
                step.title()
            );
            self.add(step, "annotation-not-text", "annotations:", message);
        }
        if placed.placement.is_definition {
            let message =
                format!("{}: crd-install is no hook to Argo CD; it is synced like any object", step.title());
            self.add(step, "hook-is-ordinary", "helm.sh/hook", message);
        }
    }

    /// Hooks that are there when the next sync comes, and Pods that never end.
    fn hook(&mut self, step: &Step, placed: &Placed) {
        let has = |policy| step.policies.contains(&policy);
        let (succeeded, failed) = (has(DeletePolicy::HookSucceeded), has(DeletePolicy::HookFailed));
        let title = step.title();
        if placed.placement.policy_added && !step.phase.is_deletion() {
            let message = match step.ends() {
                true => format!(
                    "{title} has a fixed name and no delete policy, so it would block the next sync: Tiphys gives it BeforeHookCreation"
                ),
                false => format!(
                    "{title} has a fixed name and no delete policy: as BeforeHookCreation every sync deletes it and creates it anew"
                ),
            };
            self.add(step, "hook-policy-added", "helm.sh/hook", message);
        } else if step.generated && step.policies.is_empty() {
            let message =
                format!("{title} gets a new name at every sync and no delete policy removes the old ones");
            self.add(step, "hook-piles-up", "generateName", message);
        } else if step.ends()
            && !step.generated
            && !step.phase.is_deletion()
            && !has(DeletePolicy::BeforeHookCreation)
        {
            let message = match (succeeded, failed) {
                (true, false) => format!(
                    "{title} stays where it has failed, and every later sync fails on it: add before-hook-creation to its delete policies"
                ),
                (false, true) => format!(
                    "{title} stays where it has succeeded: later syncs do not run it again, and fail where its spec has changed: add before-hook-creation to its delete policies"
                ),
                _ => String::new(),
            };
            if !message.is_empty() {
                self.add(step, "hook-blocks", "hook-delete-policy", message);
            }
        }
        let restart = field(placed.manifest.object(), &["spec", "restartPolicy"]);
        if step.is("v1", "Pod")
            && restart.as_ref().and_then(Value::as_str).is_none_or(|policy| policy == "Always")
        {
            let message = format!(
                "{title} starts again when it ends: Argo CD takes it for done once it is ready, and for failed after a restart; set restartPolicy: Never"
            );
            self.add(step, "hook-restarts", "restartPolicy", message);
        }
    }

    /// Jobs that are no hooks, and names that cannot be applied.
    fn resource(&mut self, step: &Step, manifest: &Manifest) {
        let title = step.title();
        if step.generated {
            let message =
                format!("{title} has no name, which only a hook can do without: Argo CD cannot apply it");
            self.add(step, "no-name", "generateName", message);
            return;
        }
        if !step.is("batch/v1", "Job") {
            return;
        }
        let options: Vec<String> = list(manifest.head.annotation(ARGO_SYNC_OPTIONS)).collect();
        let replaced =
            ["Force=true", "Replace=true"].iter().all(|option| options.iter().any(|o| o == option));
        if !replaced {
            let message = format!(
                "{title} is no hook and its Pod cannot be changed: a sync with another image fails until the Job is gone; make it a hook, or set sync-options: Force=true,Replace=true"
            );
            self.add(step, "job-immutable", "kind:", message);
        }
        if field(manifest.object(), &["spec", "ttlSecondsAfterFinished"]).is_some_and(|ttl| !ttl.is_nil()) {
            let message = format!(
                "{title} is gone after ttlSecondsAfterFinished, and Argo CD takes it for missing and runs it again: make it a hook"
            );
            self.add(step, "job-runs-again", "ttlSecondsAfterFinished", message);
        }
    }

    /// What never gets healthy while Argo CD waits for it.
    fn waiting(&mut self, at: usize, step: &Step, manifest: &Manifest) {
        if !self.is_waited_for(at, step) {
            return;
        }
        let get = |path: &[&str]| field(manifest.object(), path);
        let is_true = |path: &[&str]| matches!(get(path), Some(Value::Bool(true)));
        let title = step.title();
        if step.is("batch/v1", "Job") && is_true(&["spec", "suspend"]) {
            self.add(
                step,
                "waits-forever",
                "suspend",
                format!("{title} is suspended, and the sync waits for it"),
            );
        } else if step.is("apps/v1", "Deployment") && is_true(&["spec", "paused"]) {
            self.add(
                step,
                "waits-forever",
                "paused",
                format!("{title} is paused, and the sync waits for it"),
            );
        } else if step.is("batch/v1", "Job")
            && get(&["spec", "parallelism"]).is_some_and(|n| !n.is_true() && !n.is_nil())
        {
            let message = format!("{title} starts no Pod (parallelism is 0), and the sync waits for it");
            self.add(step, "waits-forever", "parallelism", message);
        } else if step.is("networking.k8s.io/v1", "Ingress") {
            self.add(step, "waits-for-address", "kind:", self.until_address(step));
        } else if step.is("v1", "Service")
            && get(&["spec", "type"]).as_ref().and_then(Value::as_str) == Some("LoadBalancer")
        {
            self.add(step, "waits-for-address", "type:", self.until_address(step));
        } else if step.is("v1", "PersistentVolumeClaim") && self.mounted_later(step) {
            let message = format!(
                "{title} is mounted in a later wave only: with a storage class that waits for its first consumer it stays pending, and the sync with it"
            );
            self.add(step, "waits-forever", "kind:", message);
        }
    }

    /// What a Pod needs and Argo CD brings only later, or has deleted by then.
    fn needs(&mut self, at: usize, step: &Step, manifest: &Manifest) {
        let waited_for = step.phase.is_deletion() || self.is_waited_for(at, step);
        for Need { kind, name, key } in needs::of(manifest).into_iter().filter(|_| waited_for) {
            let is_it = |other: &&Step| {
                other.kind == kind
                    && other.name == name
                    && !other.generated
                    && other.namespace == step.namespace
            };
            let mut there = self.plan.steps.iter().filter(is_it).peekable();
            let Some(first) = there.peek().map(|first| (*first).clone()) else { continue };
            let title = step.title();
            if step.phase == Phase::PostDelete && there.all(|other| !other.hook && other.kept.is_empty()) {
                let message = format!(
                    "{title} needs {kind} {name}, which is deleted before PostDelete: the deletion gets no further"
                );
                self.add(step, "waits-forever", key, message);
            } else if !step.phase.is_deletion() && (first.phase, first.wave) > (step.phase, step.wave) {
                let message = format!(
                    "{title} needs {kind} {name}, which comes later ({}): where that is not there yet, as at the first sync, the sync gets no further",
                    first.place()
                );
                self.add(step, "waits-forever", key, message);
            }
        }
    }

    /// A deletion creates all hooks of a phase at once.
    fn deletion_waves(&mut self) {
        for phase in [Phase::PreDelete, Phase::PostDelete] {
            let steps: Vec<&Step> = self.plan.steps.iter().filter(|step| step.phase == phase).collect();
            let wave = |step: &&Step| {
                self.release.placed.get(step.placed).and_then(|p| p.placement.wave).unwrap_or(0)
            };
            let waved = steps.iter().find(|step| wave(step) != 0);
            let differ =
                steps.iter().any(|step| steps.first().is_some_and(|first| wave(step) != wave(first)));
            if let (Some(step), true) = (waved.map(|step| (*step).clone()), differ) {
                let message = format!(
                    "{}: no wave orders {} hooks; Argo CD creates them all at once",
                    step.title(),
                    phase.name()
                );
                self.add(&step, "wave-ignored", "hook-weight", message);
            }
        }
    }

    /// Of two objects with one identity Argo CD applies the last.
    fn twice(&mut self) {
        let mut seen: BTreeMap<(String, &str, &str, Option<&str>), &Step> = BTreeMap::new();
        let mut repeated = Vec::new();
        for step in self.plan.steps.iter().filter(|step| !step.generated) {
            let group = step.api_version.rsplit_once('/').map_or("", |(group, _)| group);
            let key = (group.to_owned(), step.kind.as_str(), step.name.as_str(), step.namespace.as_deref());
            if let Some(first) = seen.insert(key, step).filter(|first| first.placed != step.placed) {
                repeated.push((step.clone(), first.source.clone()));
            }
        }
        for (step, first) in repeated {
            let message =
                format!("{} comes twice, from {first} too: Argo CD applies one of the two", step.title());
            self.add(&step, "appears-twice", "kind:", message);
        }
    }

    /// Argo CD waits for hooks, and before each further wave and phase for all.
    fn is_waited_for(&self, at: usize, step: &Step) -> bool {
        if step.phase.is_deletion() {
            return false;
        }
        let later = |other: &Step| {
            other.phase <= Phase::PostSync && (other.phase, other.wave) > (step.phase, step.wave)
        };
        step.hook || self.plan.steps.iter().skip(at).any(later)
    }

    fn until_address(&self, step: &Step) -> String {
        let later = |other: &&Step| (other.phase, other.wave) > (step.phase, step.wave);
        let next = self.plan.steps.iter().find(later).map_or("what follows".to_owned(), Step::place);
        let title = step.title();
        format!(
            "{title} is healthy once it has an address: where nothing gives it one, Argo CD never goes on to {next}"
        )
    }

    fn mounted_later(&self, claim: &Step) -> bool {
        let mounts = |step: &&Step| {
            let manifest = self.release.placed.get(step.placed).map(|placed| &placed.manifest);
            let needs = manifest.map(needs::of).unwrap_or_default();
            needs.iter().any(|need| need.kind == "PersistentVolumeClaim" && need.name == claim.name)
        };
        let mut mounting =
            self.plan.steps.iter().filter(|s| s.phase <= Phase::PostSync).filter(mounts).peekable();
        mounting.peek().is_some() && mounting.all(|step| (step.phase, step.wave) > (claim.phase, claim.wave))
    }
}

impl Step {
    /// How messages name it.
    pub fn title(&self) -> String {
        let kind = if self.hook { format!("hook {}", self.kind) } else { self.kind.clone() };
        format!("{kind}/{}{}", self.name, if self.generated { "…" } else { "" })
    }

    /// Its phase and wave, as messages name them.
    pub fn place(&self) -> String {
        match self.wave {
            Some(wave) => format!("{}, wave {wave}", self.phase.name()),
            None => self.phase.name().to_owned(),
        }
    }

    fn is(&self, api_version: &str, kind: &str) -> bool {
        self.kind == kind && self.api_version == api_version
    }

    /// Whether it runs to an end, so that its result counts.
    fn ends(&self) -> bool {
        self.is("batch/v1", "Job")
            || self.is("v1", "Pod")
            || (self.kind == "Workflow" && self.api_version.starts_with("argoproj.io/"))
    }
}

#[cfg(test)]
mod tests;
