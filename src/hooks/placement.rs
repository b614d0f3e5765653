//! Where Argo CD puts a manifest: the rules of its hook and wave annotations,
//! Helm's included (gitops-engine's sync/hook and sync/syncwaves).

use crate::manifest::{HOOK_ANNOTATION, Manifest};

/// Argo's hook annotation.
pub const ARGO_HOOK: &str = "argocd.argoproj.io/hook";
/// Argo's delete policy annotation.
pub const ARGO_DELETE_POLICY: &str = "argocd.argoproj.io/hook-delete-policy";
/// Argo's wave annotation.
pub const ARGO_WAVE: &str = "argocd.argoproj.io/sync-wave";
/// Argo's sync options annotation.
pub const ARGO_SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";

/// A phase of Argo CD's sync, in the order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are Argo CD's")]
pub enum Phase {
    PreSync,
    Sync,
    PostSync,
    SyncFail,
    Skip,
    PreDelete,
    PostDelete,
}

impl Phase {
    /// Argo's name.
    pub fn name(self) -> &'static str {
        match self {
            Phase::PreSync => "PreSync",
            Phase::Sync => "Sync",
            Phase::PostSync => "PostSync",
            Phase::SyncFail => "SyncFail",
            Phase::Skip => "Skip",
            Phase::PreDelete => "PreDelete",
            Phase::PostDelete => "PostDelete",
        }
    }

    fn from_argo(name: &str) -> Option<Phase> {
        use Phase::{PostDelete, PostSync, PreDelete, PreSync, Skip, Sync, SyncFail};
        [PreSync, Sync, PostSync, SyncFail, Skip, PreDelete, PostDelete]
            .into_iter()
            .find(|p| p.name() == name)
    }

    fn from_helm(event: &str) -> Option<Phase> {
        match event {
            "pre-install" | "pre-upgrade" => Some(Phase::PreSync),
            "post-install" | "post-upgrade" => Some(Phase::PostSync),
            "pre-delete" => Some(Phase::PreDelete),
            "post-delete" => Some(Phase::PostDelete),
            _ => None,
        }
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
    /// Argo's name.
    pub fn name(self) -> &'static str {
        match self {
            DeletePolicy::BeforeHookCreation => "BeforeHookCreation",
            DeletePolicy::HookSucceeded => "HookSucceeded",
            DeletePolicy::HookFailed => "HookFailed",
        }
    }

    fn parse(name: &str) -> Option<DeletePolicy> {
        match name {
            "BeforeHookCreation" | "before-hook-creation" => Some(DeletePolicy::BeforeHookCreation),
            "HookSucceeded" | "hook-succeeded" => Some(DeletePolicy::HookSucceeded),
            "HookFailed" | "hook-failed" => Some(DeletePolicy::HookFailed),
            _ => None,
        }
    }
}

/// What Argo CD does with a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// The phases of a hook; none for what is synced as an ordinary object.
    pub phases: Vec<Phase>,
    /// The wave, where an annotation sets one.
    pub wave: Option<i64>,
    /// When a hook is deleted; never empty for a hook.
    pub policies: Vec<DeletePolicy>,
    /// A Helm hook none of whose events Argo CD knows.
    pub never_runs: bool,
    /// Helm 2's `crd-install`: an ordinary definition.
    pub is_definition: bool,
    /// Whether the phases come from Argo's own annotation.
    pub argo_hook: bool,
    /// Whether `helm.sh/resource-policy: keep` asks that it outlives the application.
    pub keep: bool,
}

impl Placement {
    /// Reads the annotations of a manifest.
    pub fn of(manifest: &Manifest) -> Placement {
        let annotation = |name| manifest.head.annotation(name);
        let mut phases: Vec<Phase> =
            list(annotation(ARGO_HOOK)).filter_map(|name| Phase::from_argo(&name)).collect();
        let argo_hook = !phases.is_empty();
        let events: Vec<String> = list(annotation(HOOK_ANNOTATION)).map(|e| e.to_lowercase()).collect();
        let is_definition = !argo_hook && events.iter().any(|event| event == "crd-install");
        if !argo_hook && !is_definition {
            phases = events.iter().filter_map(|event| Phase::from_helm(event)).collect();
        }
        phases.sort();
        phases.dedup();

        let mut policies: Vec<DeletePolicy> = list(annotation(ARGO_DELETE_POLICY))
            .chain(list(annotation("helm.sh/hook-delete-policy")).map(|p| p.to_lowercase()))
            .filter_map(|name| DeletePolicy::parse(&name))
            .collect();
        policies.sort();
        policies.dedup();
        if phases.is_empty() {
            policies.clear();
        } else if policies.is_empty() {
            policies.push(DeletePolicy::BeforeHookCreation);
        }

        let number = |name| annotation(name).and_then(|text| text.parse::<i64>().ok());
        Placement {
            never_runs: phases.is_empty() && !events.is_empty() && !is_definition,
            wave: number(ARGO_WAVE).or_else(|| number("helm.sh/hook-weight")),
            keep: annotation("helm.sh/resource-policy").is_some_and(|p| p.trim().to_lowercase() == "keep"),
            phases,
            policies,
            is_definition,
            argo_hook,
        }
    }
}

/// The items of a comma list, trimmed, blank ones dropped.
fn list(annotation: Option<&str>) -> impl Iterator<Item = String> {
    annotation
        .unwrap_or_default()
        .split(',')
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
}
