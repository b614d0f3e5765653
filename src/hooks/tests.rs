//! One row of the table in docs/hooks.md a case.

use super::*;
use crate::manifest;

/// The Argo annotations that a Job with these annotations ends up with; `None`
/// where it is left out.
fn placed(annotations: &str) -> Option<Vec<String>> {
    release(&format!("name: j, annotations: {{{annotations}}}"), Events::Both).0
}

/// The same with the Job's metadata, and the notices.
fn release(metadata: &str, wanted: Events) -> (Option<Vec<String>>, Vec<String>) {
    let text = format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{{metadata}}}\n");
    let mut notices = Notices::default();
    let manifests = manifest::sort(
        vec![("c/templates/j.yaml".into(), text.into())],
        manifest::Keep::Objects,
        &mut notices,
    )
    .unwrap();
    let mut release = place(manifests, wanted);
    release.tell(&mut notices);
    let placed = release.placed.pop().map(|placed| {
        let annotations = placement::field(placed.manifest.object(), &["metadata", "annotations"]);
        let annotations = annotations.unwrap().as_map().unwrap().entries();
        let changed = annotations.into_iter().map(|(k, v)| (k.to_string(), v.as_str().unwrap().to_owned()));
        changed
            .filter(|(k, v)| placed.manifest.head.annotation(k) != Some(v) || k.starts_with("argocd."))
            .map(|(k, v)| format!("{}={v}", k.replace("argocd.argoproj.io/", "")))
            .collect()
    });
    (placed, notices.0.into_iter().map(|notice| notice.message).collect())
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
    assert_eq!(placed("argocd.argoproj.io/hook: nonsense"), None);
    for event in ["test", "test-success", "pre-rollback", "post-rollback", "test-failure", "no-such-event"] {
        assert_eq!(placed(&format!("helm.sh/hook: {event}")), None, "{event}");
    }
}

#[test]
fn a_crd_install_hook_is_an_ordinary_object() {
    assert_eq!(placed("helm.sh/hook: crd-install").unwrap(), Vec::<String>::new());
    assert_eq!(placed("helm.sh/hook: 'crd-install, pre-install'").unwrap(), ["helm.sh/hook=crd-install"]);
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
    assert_eq!(
        placed(
            "argocd.argoproj.io/hook: PostSync, argocd.argoproj.io/sync-wave: '+3', \
             argocd.argoproj.io/hook-delete-policy: 'HookFailed, HookSucceeded'"
        )
        .unwrap(),
        ["hook=PostSync", "hook-delete-policy=HookFailed, HookSucceeded", "sync-wave=+3"]
    );
    assert_eq!(placed("helm.sh/hook: pre-install, argocd.argoproj.io/hook: Skip").unwrap(), ["hook=Skip"]);
}

#[test]
fn a_hook_of_a_sync_and_of_the_deletion_is_both() {
    let hook = |annotations: &str| placed(annotations).unwrap().remove(0);
    assert_eq!(hook("helm.sh/hook: 'pre-install,post-delete'"), "hook=PreSync,PostDelete");
    let both = "argocd.argoproj.io/hook: PreDelete, helm.sh/hook: pre-install";
    assert_eq!(hook(both), "hook=PreDelete");
    let text = format!("kind: Job\nmetadata: {{name: j, annotations: {{{both}}}}}");
    let sorted = manifest::sort(
        vec![("c/templates/j.yaml".into(), text.into())],
        manifest::Keep::Objects,
        &mut Notices::default(),
    );
    let hook = sorted.unwrap().hooks.pop().unwrap();
    assert_eq!(Placement::of(&hook, Events::Both).phases, [Phase::PreSync, Phase::PreDelete]);
}

#[test]
fn a_fixed_name_without_a_policy_is_told_of() {
    let told = "hook Job/j has a fixed name and no delete policy: BeforeHookCreation keeps it from blocking the \
                next sync";
    let hook = "annotations: {helm.sh/hook: pre-install}";
    let (fixed, notices) = release(&format!("name: j, {hook}"), Events::Both);
    assert_eq!(fixed.unwrap(), ["hook=PreSync", "hook-delete-policy=BeforeHookCreation"]);
    assert_eq!(notices, [told]);
    let (generated, notices) = release(&format!("generateName: j-, {hook}"), Events::Both);
    assert_eq!((generated.unwrap(), notices), (vec!["hook=PreSync".to_owned()], vec![]));
    let (unknown, notices) = release(
        "name: j, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: never}",
        Events::Both,
    );
    assert_eq!(unknown.unwrap(), ["hook=PreSync", "hook-delete-policy=BeforeHookCreation"]);
    assert_eq!(notices, [told]);
}

#[test]
fn hooks_of_the_other_event_alone_are_left_out() {
    use Events::{Both, Install, Upgrade};
    for (events, wanted, expected) in [
        ("pre-install", Both, Some("hook=PreSync")),
        ("pre-install", Install, Some("hook=PreSync")),
        ("pre-install", Upgrade, None),
        ("post-upgrade", Install, None),
        ("pre-install,pre-upgrade", Install, Some("hook=PreSync")),
        ("pre-install,pre-upgrade", Upgrade, Some("hook=PreSync")),
        ("pre-upgrade,post-upgrade", Install, None),
        ("pre-install,post-upgrade", Upgrade, Some("hook=PostSync")),
        ("pre-upgrade,test", Install, None),
        ("pre-delete", Install, Some("hook=PreDelete")),
    ] {
        let (placed, notices) = release(
            &format!(
                "name: j, annotations: {{helm.sh/hook: '{events}', helm.sh/hook-delete-policy: hook-failed}}"
            ),
            wanted,
        );
        assert_eq!(
            placed.as_ref().map(|annotations| annotations[0].as_str()),
            expected,
            "{events} {wanted:?}"
        );
        let left_out = match wanted {
            Install => "an upgrade",
            _ => "an install",
        };
        let told =
            format!("hook Job/j is left out: it belongs to {left_out} alone, which hook-events leaves out");
        assert_eq!(notices, if expected.is_none() { vec![told] } else { vec![] }, "{events} {wanted:?}");
    }
}

#[test]
fn argo_does_not_fall_back_to_an_event_that_is_not_wanted() {
    let (placed, _) = release(
        "name: j, annotations: {helm.sh/hook: 'pre-upgrade,post-delete', helm.sh/hook-delete-policy: hook-failed}",
        Events::Install,
    );
    assert_eq!(
        placed.unwrap(),
        ["hook=PostDelete", "hook-delete-policy=HookFailed", "helm.sh/hook=post-delete"]
    );
}

#[test]
fn events_are_named_as_the_parameter_names_them() {
    let named = |names: &[&str]| Events::named(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    assert_eq!(named(&["install"]), Events::Install);
    assert_eq!(named(&["upgrade"]), Events::Upgrade);
    assert_eq!(named(&["upgrade", "install"]), Events::Both);
    assert_eq!(named(&[]), Events::Both);
}

#[test]
fn a_weight_is_a_wave_on_any_object() {
    assert_eq!(placed("helm.sh/hook-weight: '-5'").unwrap(), ["sync-wave=-5"]);
    assert_eq!(placed("helm.sh/hook-weight: '+7'").unwrap(), ["sync-wave=7"]);
    for weight in ["high", "1.5", "1e3", " 5", "0x1F", "", "99999999999999999999"] {
        assert_eq!(placed(&format!("helm.sh/hook-weight: '{weight}'")).unwrap(), Vec::<String>::new());
    }
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

#[test]
fn known_documents_are_annotated_as_new_ones_are() {
    let rest = "x".repeat(5000);
    let object = |metadata: &str| format!("kind: Job\nmetadata: {{{metadata}}}\nrest: {rest}\n");
    let text = [
        object("name: plain, annotations: {other/annotation: a}"),
        object("name: kept, annotations: {helm.sh/resource-policy: keep}"),
        object("name: first, annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: '-5'}"),
        object("name: wave, annotations: {helm.sh/hook-weight: '7'}"),
        object("name: argos, annotations: {argocd.argoproj.io/sync-wave: '7'}"),
        object("name: gone, annotations: {helm.sh/hook: post-rollback}"),
    ]
    .join("---\n");
    let placed = |keep: manifest::Keep| {
        let files = vec![("c/templates/j.yaml".into(), text.as_str().into())];
        let release = place(manifest::sort(files, keep, &mut Notices::default()).unwrap(), Events::Both);
        let all = release.placed.iter();
        all.map(|placed| placed.manifest.json(1 << 20).unwrap()).collect::<Vec<_>>()
    };
    let expected = placed(manifest::Keep::Objects);
    let documents = std::sync::Arc::new(manifest::Documents::new(1 << 20));
    // With annotations or without, but not what is left out.
    for hits in [0, 5, 10] {
        assert_eq!(placed(manifest::Keep::Known(documents.clone())), expected);
        assert_eq!(documents.hits(), hits);
    }
    assert_eq!(expected.iter().filter(|json| json.contains("Delete=false")).count(), 1);
    assert_eq!(expected.len(), 5);
}
