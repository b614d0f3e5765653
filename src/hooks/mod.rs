//! Helm's hooks become Argo CD's: each manifest gets the phase, wave and delete
//! policy that Argo CD would read from its Helm annotations, written out as Argo's
//! own; and the plan says in which order Argo CD goes about it. Knows Argo CD's
//! annotations and order; nothing of charts or of the wire.

pub mod annotate;
pub mod blocking;
pub mod events;
mod needs;
pub mod placement;
pub mod plan;

use crate::manifest::{Manifest, Manifests};
use crate::notice::Notices;

pub use blocking::Finding;
pub use events::Events;
pub use placement::{DeletePolicy, Phase, Placement, Role, Why};
pub use plan::{Idle, Plan, Step};

/// A manifest and what Argo CD does with it.
#[derive(Debug)]
pub struct Placed {
    /// The manifest, its object annotated.
    pub manifest: Manifest,
    /// Phases, wave and delete policies.
    pub placement: Placement,
}

/// The documents of a release as Argo CD gets them.
#[derive(Debug, Default)]
pub struct Release {
    /// Definitions and objects first, then hooks, each in Helm's order.
    pub placed: Vec<Placed>,
    /// The hooks that Argo CD does not get, with the reason.
    pub left_out: Vec<(Manifest, Why)>,
}

/// Places every document of a release. Hooks that Argo CD never runs are left out,
/// and so are those of an event that is not wanted; comments are left out.
///
/// Helm 4 drops documents with events that it does not know. Two kinds of them mean
/// something to Argo CD: Helm 2's `crd-install`, an ordinary definition, and objects
/// that carry Argo's own hook annotation.
pub fn place(manifests: Manifests, wanted: Events) -> Release {
    let Manifests { objects, hooks, unknown_hooks, .. } = manifests;
    let place = |manifest: Manifest| (Placement::of(&manifest, wanted), manifest);
    let unknown = unknown_hooks.into_iter().map(|manifest| {
        let (mut placement, manifest) = place(manifest);
        if !placement.is_definition && !placement.argo_hook {
            placement.role = Role::LeftOut(Why::Unknown);
        }
        (placement, manifest)
    });
    let mut release = Release::default();
    let all = objects.into_iter().map(place).chain(unknown).chain(hooks.into_iter().map(place));
    for (placement, mut manifest) in all.filter(|(_, manifest)| !manifest.is_bare()) {
        if let Role::LeftOut(why) = placement.role {
            release.left_out.push((manifest, why));
        } else {
            annotate::write(&mut manifest, &placement);
            release.placed.push(Placed { manifest, placement });
        }
    }
    release
}

impl Release {
    /// Tells what was left out, and which hooks would have blocked the next sync.
    pub fn tell(&self, notices: &mut Notices) {
        for (manifest, why) in &self.left_out {
            let hook = format!("hook {}/{} is left out", manifest.head.kind, manifest.head.name);
            let message = match why {
                // Helm has said it.
                Why::Unknown => continue,
                Why::NeverRuns => format!("{hook}: Argo CD never runs its events"),
                Why::OtherEvent(event) => {
                    format!("{hook}: it belongs to an {} alone, which hook-events leaves out", event.name())
                }
            };
            notices.info_with(message, "source", manifest.source.as_str());
        }
        for Placed { manifest, .. } in self.placed.iter().filter(|p| p.placement.policy_added) {
            notices.info_with(
                format!(
                    "hook {}/{} has a fixed name and no delete policy: BeforeHookCreation keeps it from blocking the next sync",
                    manifest.head.kind, manifest.head.name
                ),
                "source",
                manifest.source.as_str(),
            );
        }
    }
}

#[cfg(test)]
mod tests;
