//! What Argo CD does of each of these was read in its sync and its health checks.

use super::*;
use crate::hooks::{self, Events};
use crate::manifest::{self, Keep};
use crate::notice::Notices;

/// The codes and keys of what is found in a text.
fn found(text: &str) -> Vec<(&'static str, &'static str, String)> {
    let files = vec![("c/templates/a.yaml".to_owned(), text.into())];
    let manifests = manifest::sort(files, Keep::Objects, &mut Notices::default()).unwrap();
    let release = hooks::place(manifests, Events::Both);
    let plan = Plan::of(&release, "ns");
    findings(&release, &plan).into_iter().map(|f| (f.code, f.key, f.message)).collect()
}

fn codes(text: &str) -> Vec<&'static str> {
    found(text).into_iter().map(|(code, ..)| code).collect()
}

fn job(metadata: &str, spec: &str) -> String {
    format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\n---\n")
}

fn object(api_version: &str, kind: &str, name: &str, rest: &str) -> String {
    format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n---\n")
}

/// A PostSync hook that is fine, so that the sync goes on after its objects.
fn post() -> String {
    job(
        "name: post, annotations: {helm.sh/hook: post-install, helm.sh/hook-delete-policy: before-hook-creation}",
        "",
    )
}

#[test]
fn hooks_that_stay_block_the_next_sync() {
    let hook = |policies: &str| {
        codes(&job(
            &format!(
                "name: j, annotations: {{helm.sh/hook: pre-install, helm.sh/hook-delete-policy: '{policies}'}}"
            ),
            "",
        ))
    };
    assert_eq!(hook(""), ["hook-policy-added"]);
    assert_eq!(hook("hook-succeeded"), ["hook-blocks"]);
    assert_eq!(hook("hook-failed"), ["hook-blocks"]);
    assert_eq!(hook("hook-failed,hook-succeeded"), Vec::<&str>::new());
    assert_eq!(hook("before-hook-creation"), Vec::<&str>::new());
    let generated = |rest: &str| {
        codes(&job(&format!("generateName: j-, annotations: {{helm.sh/hook: pre-install{rest}}}"), ""))
    };
    assert_eq!(generated(""), ["hook-piles-up"]);
    assert_eq!(generated(", helm.sh/hook-delete-policy: hook-succeeded"), Vec::<&str>::new());
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}\n";
    let anew = "hook ServiceAccount/a has a fixed name and no delete policy: as BeforeHookCreation every sync deletes it \
                and creates it anew";
    assert_eq!(found(account), [("hook-policy-added", "helm.sh/hook", anew.to_owned())]);
    // A ConfigMap has no result that could block.
    let passive = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {helm.sh/hook: pre-install, \
                   helm.sh/hook-delete-policy: hook-succeeded}}\n";
    assert_eq!(codes(passive), Vec::<&str>::new());
    // A deletion has no next sync.
    assert_eq!(codes(&job("name: j, annotations: {helm.sh/hook: pre-delete}", "")), Vec::<&str>::new());
}

#[test]
fn a_pod_that_restarts_is_never_done() {
    let pod = |spec: &str| {
        codes(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, annotations: {{helm.sh/hook: post-install, \
             helm.sh/hook-delete-policy: before-hook-creation}}}}\nspec: {{{spec}}}\n"
        ))
    };
    assert_eq!(pod(""), ["hook-restarts"]);
    assert_eq!(pod("restartPolicy: Always"), ["hook-restarts"]);
    assert_eq!(pod("restartPolicy: Never"), Vec::<&str>::new());
}

#[test]
fn jobs_that_are_no_hooks_cannot_be_changed() {
    assert_eq!(codes(&job("name: j", "")), ["job-immutable"]);
    assert_eq!(codes(&job("name: j", "ttlSecondsAfterFinished: 5")), ["job-immutable", "job-runs-again"]);
    let options = "name: j, annotations: {argocd.argoproj.io/sync-options: 'Force=true,Replace=true'}";
    assert_eq!(codes(&job(options, "")), Vec::<&str>::new());
    assert_eq!(codes(&job("generateName: j-", "")), ["no-name"]);
}

#[test]
fn what_never_gets_healthy_is_waited_for_only_where_something_follows() {
    let suspended = job("name: j", "suspend: true");
    assert_eq!(codes(&suspended), ["job-immutable"]);
    assert_eq!(codes(&(suspended + &post())), ["job-immutable", "waits-forever"]);
    for (text, code) in [
        (object("apps/v1", "Deployment", "d", "spec: {paused: true}"), "waits-forever"),
        (object("networking.k8s.io/v1", "Ingress", "i", ""), "waits-for-address"),
        (object("v1", "Service", "s", "spec: {type: LoadBalancer}"), "waits-for-address"),
    ] {
        assert_eq!(codes(&text), Vec::<&str>::new(), "{text}");
        assert_eq!(codes(&(text.clone() + &post())), [code], "{text}");
    }
    let hook =
        "name: j, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation}";
    assert_eq!(codes(&job(hook, "parallelism: 0")), ["waits-forever"]);
    assert_eq!(codes(&object("v1", "Service", "s", "spec: {type: ClusterIP}")), Vec::<&str>::new());
}

#[test]
fn a_hook_waits_for_what_comes_after_it() {
    let account = object("v1", "ServiceAccount", "a", "");
    let hook = |event: &str, pod: &str| {
        job(
            &format!(
                "name: j, annotations: {{helm.sh/hook: {event}, helm.sh/hook-delete-policy: before-hook-creation}}"
            ),
            &format!("template: {{spec: {{{pod}}}}}"),
        )
    };
    let needs = |event: &str, pod: &str| found(&(hook(event, pod) + &account));
    let waits = (
        "waits-forever",
        "serviceAccountName",
        "hook Job/j needs ServiceAccount a, which comes later (Sync, wave 0): where that is not there yet, as at \
         the first sync, the sync gets no further"
            .to_owned(),
    );
    assert_eq!(needs("pre-install", "serviceAccountName: a"), [waits]);
    assert_eq!(needs("post-install", "serviceAccountName: a"), []);
    assert_eq!(needs("pre-delete", "serviceAccountName: a"), []);
    assert_eq!(needs("post-delete", "serviceAccountName: a").len(), 1);
    assert_eq!(needs("pre-install", "serviceAccountName: of-somebody-else"), []);
    let config = object("v1", "ConfigMap", "c", "") + &object("v1", "Secret", "s", "");
    for pod in [
        "containers: [{envFrom: [{configMapRef: {name: c}}]}]",
        "initContainers: [{env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]",
        "volumes: [{name: v, secret: {secretName: s}}]",
        "volumes: [{name: v, configMap: {name: c}}]",
    ] {
        assert_eq!(codes(&(hook("pre-upgrade", pod) + &config)), ["waits-forever"], "{pod}");
    }
    let optional = "containers: [{envFrom: [{configMapRef: {name: c, optional: true}}]}]";
    assert_eq!(codes(&(hook("pre-upgrade", optional) + &config)), Vec::<&str>::new());
}

#[test]
fn a_volume_waits_for_a_consumer_that_waits_for_it() {
    let claim = |wave: &str| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: d, annotations: \
             {{argocd.argoproj.io/sync-wave: '{wave}'}}}}\n---\n"
        )
    };
    let user = object(
        "apps/v1",
        "Deployment",
        "d",
        "spec: {template: {spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: d}}]}}}",
    );
    assert_eq!(codes(&(claim("-1") + &user)), ["waits-forever"]);
    assert_eq!(codes(&(claim("0") + &user)), Vec::<&str>::new());
    assert_eq!(codes(&claim("-1")), Vec::<&str>::new());
}

#[test]
fn what_else_surprises_is_told() {
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: d, \
               annotations: {helm.sh/hook: crd-install}}\n";
    assert_eq!(codes(crd), ["hook-is-ordinary"]);
    let number =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {helm.sh/hook-weight: -5}}\n";
    assert_eq!(codes(number), ["annotation-not-text"]);
    let twice = object("v1", "ConfigMap", "c", "") + &object("v1", "ConfigMap", "c", "");
    assert_eq!(codes(&twice), ["appears-twice"]);
    assert_eq!(codes(&(post() + &post())), ["appears-twice"]);
    let phases = post().replace("post-install", "'post-install,pre-delete'");
    assert_eq!(codes(&phases), Vec::<&str>::new());
    let gone = |name: &str, weight: &str| {
        job(
            &format!(
                "name: {name}, annotations: {{helm.sh/hook: pre-delete, helm.sh/hook-weight: '{weight}'}}"
            ),
            "",
        )
    };
    assert_eq!(codes(&(gone("a", "1") + &gone("b", "2"))), ["wave-ignored"]);
    assert_eq!(codes(&(gone("a", "1") + &gone("b", "1"))), Vec::<&str>::new());
}
