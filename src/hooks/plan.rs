//! The order in which Argo CD goes about a release: phase, wave, kind, name
//! (gitops-engine's sync tasks), namespaces and definitions before what needs them.

use std::collections::HashMap;

use crate::data::Value;
use crate::manifest::{Manifest, kinds};

use super::placement::{ARGO_SYNC_OPTIONS, field, list};
use super::{DeletePolicy, Phase, Placed, Release, Role, Why};

/// One thing that Argo CD does: it applies an object in a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The phase.
    pub phase: Phase,
    /// The wave; an application's deletion knows none.
    pub wave: Option<i64>,
    /// The object's `apiVersion`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name; of a generated one the prefix.
    pub name: String,
    /// Whether the cluster completes the name (`generateName`).
    pub generated: bool,
    /// The namespace it names.
    pub namespace: Option<String>,
    /// The template it came from.
    pub source: String,
    /// Whether it is a hook.
    pub hook: bool,
    /// When a hook is deleted.
    pub policies: Vec<DeletePolicy>,
    /// Sync options that keep an object from being deleted or pruned.
    pub kept: Vec<String>,
    /// Whether it was moved ahead of what needs it, out of its own place.
    pub moved: bool,
    /// Which of the release's placed manifests it is.
    pub placed: usize,
}

/// What is in the chart and not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// The object's kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The template it came from.
    pub source: String,
    /// Its hook annotation.
    pub hook: String,
    /// Why; none for what Argo CD skips because it says so itself.
    pub why: Option<Why>,
}

/// What Argo CD does with a release, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What it applies.
    pub steps: Vec<Step>,
    /// What it does not.
    pub idle: Vec<Idle>,
}

/// What Argo CD's order of kinds, an older one of Helm's, does not know.
const NOT_IN_ORDER: [&str; 3] =
    ["PriorityClass", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

impl Plan {
    /// The plan of a release in the namespace `namespace`.
    pub fn of(release: &Release, namespace: &str) -> Plan {
        let mut steps: Vec<Step> = Vec::new();
        let mut idle: Vec<Idle> = Vec::new();
        for (at, placed) in release.placed.iter().enumerate() {
            match placed.placement.role {
                Role::Hook => {
                    steps.extend(placed.placement.phases.iter().map(|phase| step(placed, *phase, at)));
                }
                Role::Resource => steps.push(step(placed, Phase::Sync, at)),
                Role::Skip | Role::LeftOut(_) => idle.push(Idle::of(&placed.manifest, None)),
            }
        }
        idle.extend(release.left_out.iter().map(|(manifest, why)| Idle::of(manifest, Some(*why))));
        steps.sort_by(|a, b| {
            let key = |step: &Step| (step.phase, step.wave, rank(&step.kind));
            key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
        });
        let group = |step: &Step| step.api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
        hoist(
            &mut steps,
            |step| (step.kind == "Namespace" && group(step).is_empty()).then(|| step.name.clone()),
            |step| Some(step.namespace.clone().unwrap_or_else(|| namespace.to_owned())),
        );
        hoist(
            &mut steps,
            |step| defined(&release.placed.get(step.placed)?.manifest),
            |step| Some(format!("{}/{}", group(step), step.kind)),
        );
        Plan { steps, idle }
    }
}

/// The order of kinds within a wave: Helm's, and what is not in it last.
fn rank(kind: &str) -> usize {
    kinds::position(kind).filter(|_| !NOT_IN_ORDER.contains(&kind)).unwrap_or(usize::MAX)
}

fn step(placed: &Placed, phase: Phase, at: usize) -> Step {
    let Placed { manifest, placement } = placed;
    let text = |path: &[&str]| match field(manifest.object(), path) {
        Some(Value::Str(text)) => Some(text.to_string()),
        _ => None,
    };
    let generated = manifest.head.name.is_empty();
    let name = match generated {
        true => text(&["metadata", "generateName"]).unwrap_or_default(),
        false => manifest.head.name.clone(),
    };
    let options = text(&["metadata", "annotations", ARGO_SYNC_OPTIONS]);
    let keeps = |option: &String| option.starts_with("Delete=") || option.starts_with("Prune=");
    Step {
        phase,
        wave: (!phase.is_deletion()).then(|| placement.wave.unwrap_or(0)),
        api_version: manifest.head.api_version.clone(),
        kind: manifest.head.kind.clone(),
        name,
        generated,
        namespace: text(&["metadata", "namespace"]).filter(|name| !name.is_empty()),
        source: manifest.source.clone(),
        hook: placement.role == Role::Hook,
        policies: placement.policies.clone(),
        kept: list(options.as_deref()).filter(keeps).collect(),
        moved: false,
        placed: at,
    }
}

/// The group and kind that a custom resource definition defines.
fn defined(manifest: &Manifest) -> Option<String> {
    let group = manifest.head.api_version.split('/').next();
    if manifest.head.kind != "CustomResourceDefinition" || group != Some("apiextensions.k8s.io") {
        return None;
    }
    let text = |path: &[&str]| field(manifest.object(), path)?.as_str().map(str::to_owned);
    Some(format!("{}/{}", text(&["spec", "group"])?, text(&["spec", "names", "kind"])?))
}

/// Moves what `gives` a key ahead of the first step that `needs` it, into that
/// one's phase and wave. An application's deletion has no such order.
fn hoist(
    steps: &mut [Step],
    gives: impl Fn(&Step) -> Option<String>,
    needs: impl Fn(&Step) -> Option<String>,
) {
    let mut first: HashMap<String, usize> = HashMap::new();
    let syncs = steps.iter().take_while(|step| !step.phase.is_deletion()).count();
    for at in 0..syncs {
        let Some(step) = steps.get(at) else { return };
        let Some(key) = gives(step) else {
            if let Some(key) = needs(step) {
                first.entry(key).or_insert(at);
            }
            continue;
        };
        let Some(&to) = first.get(&key) else { continue };
        let Some((phase, wave)) = steps.get(to).map(|needing| (needing.phase, needing.wave)) else { return };
        if let Some(slice) = steps.get_mut(to..=at) {
            slice.rotate_right(1);
        }
        if let Some(moved) = steps.get_mut(to) {
            moved.moved = (moved.phase, moved.wave) != (phase, wave);
            moved.phase = phase;
            moved.wave = wave;
        }
        first.values_mut().filter(|index| **index >= to).for_each(|index| *index += 1);
    }
}

impl Idle {
    /// Whether Argo CD would never run it, whoever asks.
    pub fn never_runs(&self) -> bool {
        matches!(self.why, Some(Why::NeverRuns | Why::Unknown))
    }

    /// What a manifest is that is not applied.
    pub fn of(manifest: &Manifest, why: Option<Why>) -> Idle {
        let annotation = |name| manifest.head.annotation(name);
        let hook = match why {
            None => annotation(super::placement::ARGO_HOOK),
            Some(_) => {
                annotation(crate::manifest::HOOK_ANNOTATION).or(annotation(super::placement::ARGO_HOOK))
            }
        };
        Idle {
            kind: manifest.head.kind.clone(),
            name: manifest.head.name.clone(),
            source: manifest.source.clone(),
            hook: hook.unwrap_or_default().to_owned(),
            why,
        }
    }
}

#[cfg(test)]
mod tests;
