//! Writes a placement into an object as Argo's annotations. Helm's stay, but where
//! Argo CD would read something else out of them.

use crate::manifest::{HOOK_ANNOTATION, Manifest};

use super::Placement;
use super::placement::{ARGO_DELETE_POLICY, ARGO_HOOK, ARGO_SYNC_OPTIONS, ARGO_WAVE, argo_policies, list};

/// Makes explicit what Argo CD would derive: phases, wave, delete policies, and
/// `Delete=false` for what Helm keeps. What Argo's own annotations say already is
/// left as it is written; an object that needs nothing is not touched.
pub fn write(manifest: &mut Manifest, placement: &Placement) {
    let mut wanted: Vec<(&'static str, String)> = Vec::new();
    if !placement.phases.is_empty() && !placement.argo_hook {
        wanted.push((ARGO_HOOK, join(placement.phases.iter().map(|p| p.name()))));
    }
    wanted.extend(placement.helm_hook.clone().map(|events| (HOOK_ANNOTATION, events)));
    if placement.policies != argo_policies(manifest) && !placement.policies.is_empty() {
        wanted.push((ARGO_DELETE_POLICY, join(placement.policies.iter().map(|p| p.name()))));
    }
    if let Some(wave) = placement.wave.filter(|_| !placement.argo_wave) {
        wanted.push((ARGO_WAVE, wave.to_string()));
    }
    if placement.keep {
        let options = manifest.head.annotation(ARGO_SYNC_OPTIONS).unwrap_or_default();
        if !list(Some(options)).any(|option| option.starts_with("Delete=")) {
            let options: Vec<String> =
                list(Some(options)).chain(std::iter::once("Delete=false".to_owned())).collect();
            wanted.push((ARGO_SYNC_OPTIONS, options.join(",")));
        }
    }
    if !wanted.is_empty() {
        manifest.annotate(wanted);
    }
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(",")
}
