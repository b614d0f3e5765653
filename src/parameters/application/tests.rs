//! Applications as people write them, and what is wrong with others.

use super::*;

fn manifest(spec: &str) -> Result<Manifest> {
    let head =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: api, namespace: team}\n";
    Manifest::parse(format!("{head}spec:\n{spec}").as_bytes())
}

fn source(fields: &str) -> Result<Manifest> {
    manifest(&format!("  source: {{repoURL: https://host/r, path: p, {fields}}}\n"))
}

fn sent(manifest: &Manifest, index: usize) -> Result<Sent> {
    let kube = [("KUBE_VERSION".to_owned(), "1.31".to_owned())].into();
    manifest.sent(&manifest.sources[index], Some(&"abcdef0123".repeat(4)), &kube)
}

#[test]
fn the_build_environment_is_argo_cds() {
    let manifest = manifest(
        "  project: web\n  destination: {namespace: prod}\n  source:\n    repoURL: https://host/r.git\n    path: apps/api\n    \
         targetRevision: main\n    plugin:\n      env: [{name: REGION, value: eu-$ARGOCD_APP_REVISION_SHORT-$KUBE_VERSION}]\n      \
         parameters: [{name: environment, string: prod}, {name: values-files, array: [a.yaml]}]\n",
    )
    .unwrap();
    let env = sent(&manifest, 0).unwrap().env;
    let expected: BTreeMap<String, String> = [
        ("ARGOCD_APP_NAME", "team_api"),
        ("ARGOCD_APP_NAMESPACE", "prod"),
        ("ARGOCD_APP_PROJECT_NAME", "web"),
        ("ARGOCD_APP_REVISION", "abcdef0123abcdef0123abcdef0123abcdef0123"),
        ("ARGOCD_APP_REVISION_SHORT", "abcdef0"),
        ("ARGOCD_APP_REVISION_SHORT_8", "abcdef01"),
        ("ARGOCD_APP_SOURCE_REPO_URL", "https://host/r.git"),
        ("ARGOCD_APP_SOURCE_PATH", "apps/api"),
        ("ARGOCD_APP_SOURCE_TARGET_REVISION", "main"),
        ("KUBE_VERSION", "1.31"),
        ("ARGOCD_ENV_REGION", "eu-abcdef0-1.31"),
        (
            "ARGOCD_APP_PARAMETERS",
            r#"[{"name":"environment","string":"prod"},{"array":["a.yaml"],"name":"values-files"}]"#,
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(env, expected);
    for namespace in ["", "namespace: argocd, "] {
        let text = format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{{namespace}name: api}}, \
             spec: {{source: {{repoURL: x, path: z}}}}}}"
        );
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap().name, "api");
    }
}

#[test]
fn source_helm_becomes_our_parameters() {
    let manifest = source(
        "helm: {valueFiles: [a.yaml, $X/b.yaml], values: 'not: this', valuesObject: {a: {b: [1]}}, releaseName: rel, \
         namespace: ns, kubeVersion: v1.30.0, apiVersions: [x/v1], ignoreMissingValueFiles: true, skipCrds: true, \
         skipTests: false, skipSchemaValidation: true, passCredentials: true, version: v3, \
         parameters: [{name: a, value: '1'}, {name: b, value: '2', forceString: true}, {name: a, value: '3'}], \
         fileParameters: [{name: f, path: x.txt}]}",
    )
    .unwrap();
    let parameters = sent(&manifest, 0).unwrap().env.remove("ARGOCD_APP_PARAMETERS").unwrap();
    let given = crate::parameters::Settings::from_json(&parameters).unwrap();
    let map = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
    assert_eq!(
        crate::parameters::Parameters::new(&given).unwrap(),
        crate::parameters::Parameters {
            values_files: vec!["a.yaml".into(), "$X/b.yaml".into()],
            ignore_missing_value_files: true,
            values: Some("a:\n  b:\n  - 1\n".into()),
            helm_parameters: map("a", "3"),
            helm_string_parameters: map("b", "2"),
            file_parameters: map("f", "x.txt"),
            release_name: Some("rel".into()),
            namespace: Some("ns".into()),
            kube_version: Some("v1.30.0".into()),
            api_versions: vec!["x/v1".into()],
            skip_crds: true,
            skip_schema_validation: true,
            ..Default::default()
        }
    );
}

#[test]
fn value_files_of_another_source_are_found_at_its_name() {
    let with = |file: &str| {
        let manifest = manifest(&format!(
            "  sources:\n  - {{repoURL: https://host/charts, path: c, helm: {{valueFiles: ['{file}'], \
             fileParameters: [{{name: f, path: '{file}'}}]}}}}\n  - {{repoURL: https://host/config, ref: cfg}}\n  \
             - {{repoURL: https://host/both, ref: both, path: p}}\n",
        ))
        .unwrap();
        let rendered: Vec<&str> =
            manifest.sources.iter().filter(|s| s.is_rendered()).map(|s| s.repo_url.as_str()).collect();
        assert_eq!(rendered, ["https://host/charts", "https://host/both"]);
        sent(&manifest, 0)
    };
    let found = with("$cfg/envs/../$ARGOCD_APP_NAME/$$x.yaml").unwrap();
    let parameters = &found.env["ARGOCD_APP_PARAMETERS"];
    assert!(
        parameters.contains(r#"{"array":["/$$cfg/team_api/$$x.yaml"],"name":"values-files"}"#),
        "{parameters}"
    );
    assert!(parameters.contains(r#"{"map":{"f":"/$$cfg/team_api/$$x.yaml"},"name":"file-parameters"}"#));
    assert_eq!(found.others, [("$cfg".to_owned(), "https://host/config".to_owned())].into());
    for (file, message) in [
        (
            "$ARGOCD_APP_NAME/x.yaml",
            "spec.sources[0]: source referenced \"$ARGOCD_APP_NAME\", which is not one of the available sources ($cfg, $both)",
        ),
        ("$cfg/../../x.yaml", "spec.sources[0]: $cfg/../../x.yaml: lies outside the repository"),
    ] {
        assert_eq!(with(file).unwrap_err().to_string(), message);
    }
    let alone = manifest("  sources: [{repoURL: u, path: p, helm: {valueFiles: [$v/a.yaml]}}]\n").unwrap();
    assert_eq!(
        sent(&alone, 0).unwrap_err().to_string(),
        "spec.sources[0]: source referenced \"$v\", but no source has a 'ref' field defined"
    );
}

#[test]
fn what_is_wrong_says_where() {
    for (fields, message) in [
        (
            "chart: nginx",
            "spec.source.chart comes from a registry or a chart repository; those are not fetched here yet\nhint: put the chart into a repository, and set path",
        ),
        (
            "kustomize: {namePrefix: x}",
            "spec.source.kustomize is not for Helm charts, which are all that is rendered here",
        ),
        (
            "directory: {recurse: true}",
            "spec.source.directory is not for Helm charts, which are all that is rendered here",
        ),
        ("helm: {}, plugin: {}", "spec.source.helm and plugin are both there; a source has one of them"),
        ("helm: {valueFiles: a.yaml}", "spec.source.helm.valueFiles has to be a list of strings"),
        ("helm: {valueFiles: [1]}", "spec.source.helm.valueFiles has to be a list of strings"),
        ("helm: {skipCrds: 'true'}", "spec.source.helm.skipCrds has to be true or false"),
        (
            "helm: {parameters: [{name: a, value: 1}]}",
            "spec.source.helm.parameters[0].value has to be a string",
        ),
        ("helm: {parameters: [{value: a}]}", "spec.source.helm.parameters[0].name is missing"),
        ("helm: {parameters: {a: b}}", "spec.source.helm.parameters has to be a list of maps"),
        ("plugin: {env: [x]}", "spec.source.plugin.env has to be a list of maps"),
        ("plugin: x", "spec.source.plugin has to be a map"),
    ] {
        assert_eq!(source(fields).unwrap_err().to_string(), message, "{fields}");
    }
    for (spec, message) in [
        ("  {}", "there is neither spec.source nor spec.sources"),
        ("  source: {path: x}", "spec.source.repoURL is missing"),
        ("  source: {repoURL: x, ref: z}", "spec.source.path is missing"),
        (
            "  sources: [{repoURL: x, ref: a}]",
            "spec.sources has no source with a path, so nothing is to be rendered",
        ),
        ("  sources: [{repoURL: x}]", "spec.sources[0].path is missing"),
        (
            "  sources: [{repoURL: x, ref: a}, {repoURL: z, ref: a}]",
            "spec.sources[1].ref is the name of another source already",
        ),
    ] {
        assert_eq!(manifest(spec).unwrap_err().to_string(), message, "{spec}");
    }
    for (text, message) in [
        ("", "this is no Application"),
        ("[]", "this is no Application"),
        ("kind: Deployment", "this is no Application of argoproj.io but kind \"Deployment\""),
        (
            "kind: Application\napiVersion: app.k8s.io/v1",
            "this is no Application of argoproj.io but kind \"Application\"",
        ),
        ("a: 1\n---\nb: 1", "there is more than one document; one Application is read"),
    ] {
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap_err().to_string(), message, "{text}");
    }
}
