//! Helm's hook events: which phase of Argo CD each one is, and which of them an
//! application wants. Argo CD cannot tell an install from an upgrade and runs the
//! hooks of both on every sync; so one may say which of the two a sync is.

use super::placement::Phase;

/// Helm 2's event of custom resource definitions, which are no hooks.
pub const CRD_INSTALL: &str = "crd-install";

/// The events whose hooks an application wants (`hook-events`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Events {
    /// Those of an install and those of an upgrade, as Argo CD does it.
    #[default]
    Both,
    /// No hook that runs only on an upgrade.
    Install,
    /// No hook that runs only on an install.
    Upgrade,
}

impl Events {
    /// The events of a list of names; one that names neither, or both, wants both.
    pub fn named(names: &[String]) -> Events {
        let has = |name: &str| names.iter().any(|named| named == name);
        match (has("install"), has("upgrade")) {
            (true, false) => Events::Install,
            (false, true) => Events::Upgrade,
            _ => Events::Both,
        }
    }

    /// Helm's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Events::Both => "install,upgrade",
            Events::Install => "install",
            Events::Upgrade => "upgrade",
        }
    }

    /// The event that is not wanted.
    pub(super) fn other(self) -> Events {
        match self {
            Events::Both => Events::Both,
            Events::Install => Events::Upgrade,
            Events::Upgrade => Events::Install,
        }
    }

    /// Whether a hook's event (in lower case) counts. Events of neither kind do.
    pub(super) fn include(self, event: &str) -> bool {
        match self {
            Events::Both => true,
            Events::Install => !event.ends_with("-upgrade"),
            Events::Upgrade => !matches!(event, "pre-install" | "post-install"),
        }
    }
}

/// The phase of an event in lower case; tests, rollbacks and what nobody knows
/// have none.
pub(super) fn phase(event: &str) -> Option<Phase> {
    match event {
        "pre-install" | "pre-upgrade" => Some(Phase::PreSync),
        "post-install" | "post-upgrade" => Some(Phase::PostSync),
        "pre-delete" => Some(Phase::PreDelete),
        "post-delete" => Some(Phase::PostDelete),
        _ => None,
    }
}
