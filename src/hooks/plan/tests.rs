//! The order is that of gitops-engine's sync tasks.

use super::*;
use crate::hooks::{self, Events};
use crate::manifest::{self, Keep};
use crate::notice::Notices;

/// The release of a template's text.
pub fn release(text: &str) -> Release {
    let files = vec![("c/templates/a.yaml".to_owned(), text.into())];
    hooks::place(manifest::sort(files, Keep::Objects, &mut Notices::default()).unwrap(), Events::Both)
}

/// A document: `KIND NAME [annotation: value, …]`.
fn documents(lines: &[&str]) -> String {
    let document = |line: &&str| {
        let (kind, rest) = line.split_once(' ').unwrap();
        let (name, annotations) = rest.split_once(' ').unwrap_or((rest, ""));
        format!(
            "apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, annotations: {{{annotations}}}}}\n---\n"
        )
    };
    lines.iter().map(document).collect()
}

fn shown(plan: &Plan) -> Vec<String> {
    let show = |step: &Step| {
        let wave = step.wave.map_or("-".to_owned(), |wave| wave.to_string());
        let moved = if step.moved { " ^" } else { "" };
        format!("{} {wave} {} {}{moved}", step.phase.name(), step.kind, step.name)
    };
    plan.steps.iter().map(show).collect()
}

#[test]
fn steps_come_by_phase_wave_kind_and_name() {
    let text = documents(&[
        "Zebra b",
        "PriorityClass zz",
        "ValidatingWebhookConfiguration c",
        "Zebra a",
        "Ingress i",
        "Deployment d argocd.argoproj.io/sync-wave: '-1'",
        "Secret s",
        "ConfigMap c",
        "Service z helm.sh/hook-weight: '10'",
        "Service x helm.sh/hook-weight: '2'",
        "Job fail argocd.argoproj.io/hook: SyncFail",
        "Job post helm.sh/hook: post-upgrade",
        "Job both 'helm.sh/hook': 'pre-install,post-delete', helm.sh/hook-weight: '7'",
        "Job sync argocd.argoproj.io/hook: Sync",
        "Job pre helm.sh/hook: pre-install",
        "Job gone helm.sh/hook: pre-delete",
    ]);
    assert_eq!(
        shown(&Plan::of(&release(&text), "ns")),
        [
            "PreSync 0 Job pre",
            "PreSync 7 Job both",
            "Sync -1 Deployment d",
            "Sync 0 Secret s",
            "Sync 0 ConfigMap c",
            "Sync 0 Job sync",
            "Sync 0 Ingress i",
            "Sync 0 Zebra a",
            "Sync 0 Zebra b",
            "Sync 0 ValidatingWebhookConfiguration c",
            "Sync 0 PriorityClass zz",
            "Sync 2 Service x",
            "Sync 10 Service z",
            "PostSync 0 Job post",
            "SyncFail 0 Job fail",
            "PreDelete - Job gone",
            "PostDelete - Job both",
        ]
    );
}

#[test]
fn namespaces_and_definitions_come_before_what_needs_them() {
    let text = documents(&[
        "Namespace ns helm.sh/hook-weight: '5'",
        "Namespace other",
        "Job pre helm.sh/hook: pre-install",
        "ConfigMap c",
    ]) + "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: d}\n\
          spec: {group: x.io, names: {kind: Shop}}\n---\napiVersion: x.io/v1\nkind: Shop\n\
          metadata: {name: s, annotations: {argocd.argoproj.io/sync-wave: '-3'}}\n---\n\
          apiVersion: y.io/v1\nkind: Shop\nmetadata: {name: t, annotations: {argocd.argoproj.io/sync-wave: '-4'}}\n";
    assert_eq!(
        shown(&Plan::of(&release(&text), "ns")),
        [
            "PreSync 0 Namespace ns ^",
            "PreSync 0 Job pre",
            "Sync -4 Shop t",
            "Sync -3 CustomResourceDefinition d ^",
            "Sync -3 Shop s",
            "Sync 0 Namespace other",
            "Sync 0 ConfigMap c",
        ]
    );
}

#[test]
fn what_is_not_applied_is_told_apart() {
    let text = documents(&[
        "Pod t helm.sh/hook: test",
        "Pod f helm.sh/hook: test-failure",
        "Pod s argocd.argoproj.io/hook: Skip",
        "ConfigMap c",
    ]);
    let plan = Plan::of(&release(&text), "ns");
    assert_eq!(shown(&plan), ["Sync 0 ConfigMap c"]);
    let idle: Vec<_> =
        plan.idle.iter().map(|idle| (idle.name.as_str(), idle.hook.as_str(), idle.why)).collect();
    assert_eq!(
        idle,
        [("s", "Skip", None), ("f", "test-failure", Some(Why::Unknown)), ("t", "test", Some(Why::NeverRuns)),]
    );
}

#[test]
fn a_step_says_what_keeps_and_what_deletes_it() {
    let text = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: j-, namespace: elsewhere, annotations: \
                {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed, \
                argocd.argoproj.io/sync-options: 'Prune=false, Replace=true', helm.sh/resource-policy: keep}}\n";
    let plan = Plan::of(&release(text), "ns");
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    assert_eq!(
        (step.name.as_str(), step.generated, step.namespace.as_deref()),
        ("j-", true, Some("elsewhere"))
    );
    assert_eq!(step.policies, [DeletePolicy::HookFailed]);
    assert_eq!(step.kept, ["Prune=false", "Delete=false"]);
}
