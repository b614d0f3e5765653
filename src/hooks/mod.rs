//! Helm's hooks become Argo CD's: each manifest gets the phase, wave and delete
//! policy that Argo CD would read from its Helm annotations, written out as Argo's
//! own. Knows Argo CD's annotations; nothing of charts or of the wire.

pub mod annotate;
pub mod placement;

use crate::manifest::{Manifest, Manifests};
use crate::notice::Notices;

pub use placement::{DeletePolicy, Phase, Placement};

/// A manifest and what Argo CD does with it.
#[derive(Debug)]
pub struct Placed {
    /// The manifest, its object annotated.
    pub manifest: Manifest,
    /// Phases, wave and delete policies.
    pub placement: Placement,
}

/// Places every document of a release: definitions and objects first, then
/// hooks, each in Helm's order. Hooks that Argo CD never runs (tests, rollbacks)
/// are left out with a notice; comments are left out.
pub fn place(manifests: Manifests, notices: &mut Notices) -> Vec<Placed> {
    let Manifests { crds: _, objects, hooks, unknown_hooks } = manifests;
    let revived = unknown_hooks.into_iter().filter(|m| runs_without_helm(&Placement::of(m)));
    let mut placed = Vec::with_capacity(objects.len() + hooks.len());
    for manifest in objects.into_iter().chain(revived).chain(hooks) {
        if manifest.object.is_nil() {
            continue;
        }
        let placement = Placement::of(&manifest);
        if placement.never_runs {
            let head = &manifest.head;
            notices.info_with(
                format!("hook {}/{} is left out: Argo CD never runs its events", head.kind, head.name),
                "source",
                manifest.source.as_str(),
            );
            continue;
        }
        annotate::write(&manifest, &placement);
        placed.push(Placed { manifest, placement });
    }
    placed
}

/// Helm 4 drops documents with events that it does not know. Two kinds of them
/// mean something to Argo CD: Helm 2's `crd-install`, an ordinary definition,
/// and objects that carry Argo's own hook annotation.
fn runs_without_helm(placement: &Placement) -> bool {
    placement.is_definition || placement.argo_hook
}

#[cfg(test)]
mod tests;
