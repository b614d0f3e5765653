//! Where Argo CD puts a manifest: the rules of its hook and wave annotations,
//! Helm's included (gitops-engine's sync/hook and sync/syncwaves, and the
//! application controller's delete hooks).

use crate::data::Value;
use crate::manifest::{HOOK_ANNOTATION, Manifest};

use super::events::{self, Events};

/// Argo's hook annotation.
pub const ARGO_HOOK: &str = "argocd.argoproj.io/hook";
/// Argo's delete policy annotation.
pub const ARGO_DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
/// Argo's wave annotation.
pub const ARGO_WAVE: &str = "argocd.argoproj.io/sync-wave";
/// Argo's sync options annotation.
pub const ARGO_SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// Helm's delete policy annotation.
pub const HELM_DELETE_POLICY: &str = "helm.sh/hook-delete-policy";
/// Helm's weight annotation.
pub const HELM_WEIGHT: &str = "helm.sh/hook-weight";

/// When Argo CD applies something: the phases of a sync in the order they run,
/// then those of the application's own deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are Argo CD's")]
pub enum Phase {
    PreSync,
    Sync,
    PostSync,
    SyncFail,
    PreDelete,
    PostDelete,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Phase; 6] =
        [Phase::PreSync, Phase::Sync, Phase::PostSync, Phase::SyncFail, Phase::PreDelete, Phase::PostDelete];

    /// Argo's name.
    pub fn name(self) -> &'static str {
        match self {
            Phase::PreSync => "PreSync",
            Phase::Sync => "Sync",
            Phase::PostSync => "PostSync",
            Phase::SyncFail => "SyncFail",
            Phase::PreDelete => "PreDelete",
            Phase::PostDelete => "PostDelete",
        }
    }

    /// Whether it belongs to the application's deletion: no sync runs it, and no
    /// wave orders it.
    pub fn is_deletion(self) -> bool {
        matches!(self, Phase::PreDelete | Phase::PostDelete)
    }

    fn from_argo(name: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

/// When Argo CD deletes a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are Argo CD's")]
pub enum DeletePolicy {
    BeforeHookCreation,
    HookSucceeded,
    HookFailed,
}

impl DeletePolicy {
    const ALL: [DeletePolicy; 3] =
        [DeletePolicy::BeforeHookCreation, DeletePolicy::HookSucceeded, DeletePolicy::HookFailed];

    /// Argo's name.
    pub fn name(self) -> &'static str {
        match self {
            DeletePolicy::BeforeHookCreation => "BeforeHookCreation",
            DeletePolicy::HookSucceeded => "HookSucceeded",
            DeletePolicy::HookFailed => "HookFailed",
        }
    }

    /// Helm's name.
    fn helm_name(self) -> &'static str {
        match self {
            DeletePolicy::BeforeHookCreation => "before-hook-creation",
            DeletePolicy::HookSucceeded => "hook-succeeded",
            DeletePolicy::HookFailed => "hook-failed",
        }
    }

    fn all_of(
        list: impl Iterator<Item = String>,
        name: fn(DeletePolicy) -> &'static str,
    ) -> Vec<DeletePolicy> {
        let mut policies: Vec<_> = list
            .filter_map(|item| DeletePolicy::ALL.into_iter().find(|policy| name(*policy) == item))
            .collect();
        policies.sort();
        policies.dedup();
        policies
    }
}

/// What a manifest is to Argo CD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Synced, pruned and compared; Helm 2's `crd-install` is one too.
    #[default]
    Resource,
    /// Created in its phases.
    Hook,
    /// Shown and compared, never applied: `argocd.argoproj.io/hook: Skip`.
    Skip,
    /// Left out of the answer.
    LeftOut(Why),
}

/// Why a hook is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Helm 4 drops it, since it does not know one of its events.
    Unknown,
    /// Its Helm events (tests, rollbacks) or its Argo phases mean nothing to Argo CD.
    NeverRuns,
    /// It belongs to an event that the application does not want.
    OtherEvent(Events),
}

/// What Argo CD does with a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// What it is.
    pub role: Role,
    /// The phases of a hook; none for what is no hook.
    pub phases: Vec<Phase>,
    /// Whether the phases come from Argo's own annotation.
    pub argo_hook: bool,
    /// What Helm's hook annotation has to say from now on, where it would make
    /// Argo CD do something else.
    pub helm_hook: Option<String>,
    /// Helm 2's `crd-install`.
    pub is_definition: bool,
    /// The wave, where an annotation sets one.
    pub wave: Option<i64>,
    /// Whether the wave is Argo's own annotation, and not Helm's weight.
    pub argo_wave: bool,
    /// When a hook is deleted, as its annotations say and as was added.
    pub policies: Vec<DeletePolicy>,
    /// Whether `BeforeHookCreation` was added: a hook with a fixed name and no policy.
    pub policy_added: bool,
    /// Whether `helm.sh/resource-policy: keep` asks that it outlives the application.
    pub keep: bool,
}

impl Placement {
    /// Reads the annotations of a manifest; of its hooks those that belong only to
    /// other events than `wanted` are left out.
    pub fn of(manifest: &Manifest, wanted: Events) -> Placement {
        let annotation = |name| manifest.head.annotation(name);
        let mut placement = phases(manifest, wanted);
        placement.argo_wave = annotation(ARGO_WAVE).and_then(integer).is_some();
        placement.wave =
            annotation(ARGO_WAVE).and_then(integer).or_else(|| annotation(HELM_WEIGHT).and_then(integer));
        placement.keep = list(annotation("helm.sh/resource-policy")).any(|p| p.eq_ignore_ascii_case("keep"));
        if placement.role == Role::Hook {
            placement.policies = argo_policies(manifest);
            let helm = list(annotation(HELM_DELETE_POLICY)).map(|policy| policy.to_lowercase());
            placement.policies.extend(DeletePolicy::all_of(helm, DeletePolicy::helm_name));
            placement.policies.sort();
            placement.policies.dedup();
            if placement.policies.is_empty() && !manifest.head.name.is_empty() {
                placement.policies.push(DeletePolicy::BeforeHookCreation);
                placement.policy_added = true;
            }
        }
        placement
    }
}

/// The role and the phases. Argo's own annotation decides over a sync where it is
/// valid; an application's deletion looks at both annotations.
fn phases(manifest: &Manifest, wanted: Events) -> Placement {
    let argo_names: Vec<String> = list(manifest.head.annotation(ARGO_HOOK)).collect();
    let argo: Vec<Phase> = argo_names.iter().filter_map(|name| Phase::from_argo(name)).collect();
    let skips = argo_names.iter().any(|name| name == "Skip");
    let events: Vec<String> =
        list(manifest.head.annotation(HOOK_ANNOTATION)).map(|event| event.to_lowercase()).collect();
    let mut placement = Placement { argo_hook: !argo.is_empty() || skips, ..Placement::default() };
    if !placement.argo_hook && events.iter().any(|event| event == events::CRD_INSTALL) {
        placement.is_definition = true;
        let spelled = manifest.head.annotation(HOOK_ANNOTATION) == Some(events::CRD_INSTALL);
        placement.helm_hook = (!spelled).then(|| events::CRD_INSTALL.to_owned());
        return placement;
    }
    let ours: Vec<&String> = events.iter().filter(|event| wanted.include(event)).collect();
    let helm: Vec<Phase> = ours.iter().filter_map(|event| events::phase(event)).collect();
    let argo_decides = skips || argo.iter().any(|phase| !phase.is_deletion());
    placement.phases = argo;
    placement.phases.extend(helm.into_iter().filter(|phase| !argo_decides || phase.is_deletion()));
    placement.phases.sort();
    placement.phases.dedup();
    if !argo_decides
        && !placement.phases.iter().any(|phase| !phase.is_deletion())
        && events.iter().filter_map(|event| events::phase(event)).any(|phase| !phase.is_deletion())
    {
        // Argo CD would fall back to the events that are not wanted.
        placement.helm_hook = Some(ours.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(","));
    }
    placement.role = if !placement.phases.is_empty() {
        Role::Hook
    } else if skips {
        Role::Skip
    } else if events.iter().any(|event| events::phase(event).is_some()) {
        Role::LeftOut(Why::OtherEvent(wanted.other()))
    } else if manifest.head.annotation(HOOK_ANNOTATION).or(manifest.head.annotation(ARGO_HOOK)).is_some() {
        Role::LeftOut(Why::NeverRuns)
    } else {
        Role::Resource
    };
    placement
}

/// The policies that Argo's own annotation names.
pub fn argo_policies(manifest: &Manifest) -> Vec<DeletePolicy> {
    DeletePolicy::all_of(list(manifest.head.annotation(ARGO_DELETE_POLICY)), DeletePolicy::name)
}

/// Go's strconv.Atoi: a weight or a wave that it refuses counts as none, to Helm
/// as to Argo CD.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// The items of a comma list, trimmed, blank ones dropped.
pub fn list(annotation: Option<&str>) -> impl Iterator<Item = String> {
    annotation
        .unwrap_or_default()
        .split(',')
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
}

/// The value at a path of tables in an object.
pub fn field(object: &Value, path: &[&str]) -> Option<Value> {
    path.iter().try_fold(object.clone(), |value, key| match value {
        Value::Map(map) => map.get(*key),
        _ => None,
    })
}
