//! One row of the table in docs/hooks.md a case.

use super::*;
use crate::data::Value;
use crate::manifest;

/// The Argo annotations that a document with these annotations ends up with;
/// `None` where it is left out.
fn placed(annotations: &str) -> Option<Vec<String>> {
    let text =
        format!("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: j\n  annotations: {{{annotations}}}\n");
    let mut notices = Notices::default();
    let manifests = manifest::sort(
        vec![("c/templates/j.yaml".into(), text.into())],
        manifest::Keep::Objects,
        &mut notices,
    )
    .unwrap();
    let placed = place(manifests, &mut notices).pop()?;
    let Some(Value::Map(metadata)) = placed.manifest.object.as_map().unwrap().get("metadata") else {
        panic!()
    };
    let Some(Value::Map(annotations)) = metadata.get("annotations") else { panic!() };
    let argo = annotations.entries().into_iter().filter(|(k, _)| k.to_string().starts_with("argocd."));
    Some(
        argo.map(|(k, v)| {
            format!("{}={}", k.to_string().replace("argocd.argoproj.io/", ""), v.as_str().unwrap())
        })
        .collect(),
    )
}

#[test]
fn every_helm_event_has_its_phase() {
    for (event, phase) in [
        ("pre-install", "PreSync"),
        ("pre-upgrade", "PreSync"),
        ("post-install", "PostSync"),
        ("post-upgrade", "PostSync"),
        ("pre-delete", "PreDelete"),
        ("post-delete", "PostDelete"),
        ("Pre-Install, post-upgrade", "PreSync,PostSync"),
        ("pre-upgrade,pre-install", "PreSync"),
        ("pre-install,test", "PreSync"),
    ] {
        assert_eq!(
            placed(&format!("helm.sh/hook: '{event}'")).unwrap(),
            [format!("hook={phase}"), "hook-delete-policy=BeforeHookCreation".to_owned()],
            "{event}"
        );
    }
}

#[test]
fn hooks_that_argo_never_runs_are_left_out() {
    for event in ["test", "test-success", "pre-rollback", "post-rollback", "test-failure", "no-such-event"] {
        assert_eq!(placed(&format!("helm.sh/hook: {event}")), None, "{event}");
    }
}

#[test]
fn a_crd_install_hook_is_an_ordinary_object() {
    assert_eq!(placed("helm.sh/hook: crd-install").unwrap(), Vec::<String>::new());
}

#[test]
fn policies_are_translated_and_united() {
    assert_eq!(
        placed(
            "helm.sh/hook: pre-install, helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'"
        )
        .unwrap(),
        ["hook=PreSync", "hook-delete-policy=BeforeHookCreation,HookSucceeded"]
    );
    assert_eq!(
        placed(
            "helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed, \
             argocd.argoproj.io/hook-delete-policy: HookSucceeded"
        )
        .unwrap(),
        ["hook=PreSync", "hook-delete-policy=HookSucceeded,HookFailed"]
    );
}

#[test]
fn argos_own_annotations_win() {
    assert_eq!(
        placed("helm.sh/hook: test, argocd.argoproj.io/hook: Sync, argocd.argoproj.io/sync-wave: '3', helm.sh/hook-weight: '1'")
            .unwrap(),
        ["hook=Sync", "hook-delete-policy=BeforeHookCreation", "sync-wave=3"]
    );
    assert_eq!(
        placed("helm.sh/hook: pre-install, argocd.argoproj.io/hook: nonsense").unwrap(),
        ["hook=PreSync", "hook-delete-policy=BeforeHookCreation"]
    );
}

#[test]
fn a_weight_is_a_wave_on_any_object() {
    assert_eq!(placed("helm.sh/hook-weight: '-5'").unwrap(), ["sync-wave=-5"]);
    assert_eq!(placed("helm.sh/hook-weight: '+7'").unwrap(), ["sync-wave=7"]);
    assert_eq!(placed("helm.sh/hook-weight: high").unwrap(), Vec::<String>::new());
    assert_eq!(placed("helm.sh/hook-weight: '2', argocd.argoproj.io/sync-wave: x").unwrap(), ["sync-wave=2"]);
}

#[test]
fn what_helm_keeps_argo_keeps() {
    assert_eq!(placed("helm.sh/resource-policy: keep").unwrap(), ["sync-options=Delete=false"]);
    assert_eq!(
        placed("helm.sh/resource-policy: keep, argocd.argoproj.io/sync-options: Prune=false").unwrap(),
        ["sync-options=Prune=false,Delete=false"]
    );
    assert_eq!(
        placed("helm.sh/resource-policy: keep, argocd.argoproj.io/sync-options: Delete=confirm").unwrap(),
        ["sync-options=Delete=confirm"]
    );
}
