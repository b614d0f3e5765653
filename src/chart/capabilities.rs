//! `.Capabilities`: the Kubernetes version and API versions that a chart is
//! rendered for, and the Helm it meets.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use crate::data::{Kind, List, ListType, Method, Object, Signature, Str, Ty, Value};
use crate::template::print::quote;

/// What the cluster can do.
#[derive(Debug, Clone)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// The API versions, in order; shared by all requests that add none.
    pub api_versions: Arc<Vec<Str>>,
}

impl Default for Capabilities {
    /// What `helm template` assumes.
    fn default() -> Self {
        Capabilities { kube_version: KubeVersion::default(), api_versions: Arc::new(known_versions()) }
    }
}

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// As given, with a `v`: `v1.29.3-gke.1`.
    pub version: Str,
    /// What constraints are checked against: `v1.29.3`.
    pub normalized: Str,
    /// `1`
    pub major: Str,
    /// `29`
    pub minor: Str,
}

impl Default for KubeVersion {
    fn default() -> Self {
        let version = Str::from("v1.37.0");
        KubeVersion { normalized: version.clone(), version, major: "1".into(), minor: "37".into() }
    }
}

/// The API versions that Helm 4.3.1 knows, in its order: groups, and their versions.
const KNOWN: &[(&str, &[&str])] = &[
    ("admissionregistration.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("internal.apiserver.k8s.io", &["v1alpha1"]),
    ("apps", &["v1", "v1beta1", "v1beta2"]),
    ("authentication.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("authorization.k8s.io", &["v1", "v1beta1"]),
    ("autoscaling", &["v1", "v2"]),
    ("batch", &["v1", "v1beta1"]),
    ("certificates.k8s.io", &["v1", "v1beta1", "v1alpha1"]),
    ("coordination.k8s.io", &["v1alpha2", "v1beta1", "v1"]),
    ("discovery.k8s.io", &["v1", "v1beta1"]),
    ("events.k8s.io", &["v1", "v1beta1"]),
    ("extensions", &["v1beta1"]),
    ("flowcontrol.apiserver.k8s.io", &["v1", "v1beta1", "v1beta2", "v1beta3"]),
    ("lifecycle.k8s.io", &["v1alpha1"]),
    ("networking.k8s.io", &["v1", "v1beta1"]),
    ("node.k8s.io", &["v1", "v1alpha1", "v1beta1"]),
    ("policy", &["v1", "v1beta1"]),
    ("rbac.authorization.k8s.io", &["v1", "v1beta1", "v1alpha1"]),
    ("resource.k8s.io", &["v1", "v1beta2", "v1beta1", "v1alpha3"]),
    ("scheduling.k8s.io", &["v1alpha3", "v1beta1", "v1"]),
    ("storage.k8s.io", &["v1beta1", "v1", "v1alpha1"]),
    ("storagemigration.k8s.io", &["v1", "v1beta1"]),
    ("apiextensions.k8s.io", &["v1beta1", "v1"]),
];

fn known_versions() -> Vec<Str> {
    let grouped = KNOWN.iter().flat_map(|(group, versions)| {
        versions.iter().map(move |version| [group, "/", version].concat().into())
    });
    std::iter::once("v1".into()).chain(grouped).collect()
}

/// Reads `--kube-version` (apimachinery's ParseGeneric).
///
/// # Errors
/// Helm's text, without `invalid kube version 'X': ` before it.
pub fn parse_kube_version(text: &str) -> Result<KubeVersion, String> {
    let quoted = |text: &str| quote(text.as_bytes());
    let white = |c: char| matches!(c, ' ' | '\t' | '\n' | '\x0c' | '\r');
    let start = text.trim_start_matches(white);
    let start = start.strip_prefix('v').unwrap_or(start);
    let digits = start.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    // Only dots between digits belong to the number.
    let numbers = digits.split("..").next().unwrap_or_default().trim_end_matches('.');
    let extra = start.get(numbers.len()..).unwrap_or_default();
    if numbers.is_empty() || numbers.starts_with('.') || extra.contains('\n') {
        return Err(format!("could not parse {} as version", quoted(text)));
    }
    let parts: Vec<&str> = numbers.split('.').collect();
    if parts.len() < 2 {
        return Err(format!("illegal version string {}", quoted(text)));
    }
    let mut components = Vec::with_capacity(parts.len());
    for (i, part) in parts.into_iter().enumerate() {
        let (shown, whole) = (quoted(part), quoted(text));
        if i == 0 && part.starts_with('0') && part != "0" {
            return Err(format!("illegal zero-prefixed version component {shown} in {whole}"));
        }
        let number = part.parse::<u64>().map_err(|_| {
            format!(
                "illegal non-numeric version component {shown} in {whole}: \
                 strconv.ParseUint: parsing {shown}: value out of range"
            )
        })?;
        components.push(number.to_string());
    }
    let at = |i: usize| Str::from(components.get(i).map_or("", String::as_str));
    let version = if text.starts_with('v') { text.into() } else { format!("v{text}").into() };
    let normalized = format!("v{}", components.join(".")).into();
    Ok(KubeVersion { version, normalized, major: at(0), minor: at(1) })
}

/// `common.VersionSet`
static VERSION_SET: ListType = ListType { name: "common.VersionSet", elem: Ty::Str, methods: &[HAS] };

const HAS: Method = Method {
    name: "Has",
    signature: Signature { params: &[Ty::Str], variadic: false },
    call: |set, args| {
        let wanted = args.first().and_then(Value::as_bytes);
        let has = |item: &Value| item.as_bytes() == wanted;
        Ok(Value::Bool(set.as_list().is_some_and(|list| list.items().iter().any(has))))
    },
};

const NONE: Signature = Signature { params: &[], variadic: false };

impl Capabilities {
    /// What a cluster of this version can do that has `more` API versions beside
    /// the ones that Helm assumes.
    pub fn of(kube_version: Option<KubeVersion>, more: &[String]) -> Capabilities {
        let mut capabilities = Capabilities::default();
        if let Some(kube_version) = kube_version {
            capabilities.kube_version = kube_version;
        }
        if !more.is_empty() {
            let more = more.iter().map(|version| Str::from(version.as_str()));
            Arc::make_mut(&mut capabilities.api_versions).extend(more);
        }
        capabilities
    }

    /// What templates see: `*common.Capabilities`.
    pub fn to_value(&self) -> Value {
        let versions = self.api_versions.iter().cloned().map(Value::Str).collect();
        Value::Object(Rc::new(CapabilitiesObject {
            kube_version: Value::Object(Rc::new(self.kube_version.clone())),
            api_versions: List::typed(&VERSION_SET, versions).into(),
            helm_version: Value::Object(Rc::new(BuildInfo)),
        }))
    }
}

/// `*common.Capabilities`
#[derive(Debug)]
struct CapabilitiesObject {
    kube_version: Value,
    api_versions: Value,
    helm_version: Value,
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }
    fn kind(&self) -> Kind {
        Kind::Ptr
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", self.kube_version.clone()),
            ("APIVersions", self.api_versions.clone()),
            ("HelmVersion", self.helm_version.clone()),
        ]
    }
    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(self.kube_version.clone()),
            "APIVersions" => Some(self.api_versions.clone()),
            "HelmVersion" => Some(self.helm_version.clone()),
            _ => None,
        }
    }
    fn method(&self, name: &str) -> Option<Signature> {
        (name == "Copy").then_some(NONE)
    }
    fn call(&self, _: &str, _: &[Value]) -> Result<Value, String> {
        Ok(Value::Object(Rc::new(CapabilitiesObject {
            kube_version: self.kube_version.clone(),
            api_versions: self.api_versions.clone(),
            helm_version: self.helm_version.clone(),
        })))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `common.KubeVersion`. Its methods have a pointer receiver: an action prints
/// it through `String`, a function that takes it sees the plain struct.
impl Object for KubeVersion {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }
    fn kind(&self) -> Kind {
        Kind::Struct
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Version", self.version.clone().into()),
            ("Major", self.major.clone().into()),
            ("Minor", self.minor.clone().into()),
        ]
    }
    fn method(&self, name: &str) -> Option<Signature> {
        matches!(name, "String" | "GitVersion").then_some(NONE)
    }
    fn call(&self, name: &str, _: &[Value]) -> Result<Value, String> {
        let text = if name == "String" { &self.normalized } else { &self.version };
        Ok(text.clone().into())
    }
    fn display(&self) -> Option<Str> {
        let KubeVersion { version, normalized, major, minor } = self;
        Some(format!("{{{version} {normalized} {major} {minor}}}").into())
    }
    fn printed(&self) -> Option<Str> {
        Some(self.normalized.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `version.BuildInfo`, as the Helm release that this is compatible with says it.
#[derive(Debug)]
struct BuildInfo;

/// Field, its name in JSON, and the value.
const BUILD_INFO: [(&str, &str, &str); 5] = [
    ("Version", "version", "v4.3.1"),
    ("GitCommit", "git_commit", "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff"),
    ("GitTreeState", "git_tree_state", "clean"),
    ("GoVersion", "go_version", "go1.27.2"),
    ("KubeClientVersion", "kube_client_version", "v1.37"),
];

impl Object for BuildInfo {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }
    fn kind(&self) -> Kind {
        Kind::Struct
    }
    fn fields(&self) -> Vec<(&'static str, Value)> {
        BUILD_INFO.iter().map(|(field, _, value)| (*field, Value::from(*value))).collect()
    }
    fn json(&self) -> Value {
        Value::Map(BUILD_INFO.iter().map(|(_, name, value)| (*name, Value::from(*value))).collect())
    }
    fn json_names(&self) -> Vec<&'static str> {
        BUILD_INFO.iter().map(|(_, name, _)| *name).collect()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kube_versions_are_read_as_helm_reads_them() {
        for (text, normalized, version, major, minor) in [
            ("1.2", "v1.2", "v1.2", "1", "2"),
            ("v1.29.3-gke.1", "v1.29.3", "v1.29.3-gke.1", "1", "29"),
            ("1.02.3", "v1.2.3", "v1.02.3", "1", "2"),
            (" v1.2", "v1.2", "v v1.2", "1", "2"),
            ("1.2.3.4", "v1.2.3.4", "v1.2.3.4", "1", "2"),
            ("1.2 x", "v1.2", "v1.2 x", "1", "2"),
            ("1.2.", "v1.2", "v1.2.", "1", "2"),
        ] {
            let expected = KubeVersion {
                version: version.into(),
                normalized: normalized.into(),
                major: major.into(),
                minor: minor.into(),
            };
            assert_eq!(parse_kube_version(text), Ok(expected));
        }
        for (text, message) in [
            ("1", r#"illegal version string "1""#),
            ("abc", r#"could not parse "abc" as version"#),
            ("V1.2", r#"could not parse "V1.2" as version"#),
            ("01.2", r#"illegal zero-prefixed version component "01" in "01.2""#),
            (
                "v1.99999999999999999999",
                r#"illegal non-numeric version component "99999999999999999999" in "v1.99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range"#,
            ),
        ] {
            assert_eq!(parse_kube_version(text), Err(message.to_owned()));
        }
    }

    #[test]
    fn templates_see_what_helm_shows_them() {
        let Value::Object(capabilities) = Capabilities::default().to_value() else { panic!() };
        let Some(Value::Object(kube)) = capabilities.field("KubeVersion") else { panic!() };
        assert_eq!(kube.display(), Some("{v1.37.0 v1.37.0 1 37}".into()));
        assert_eq!(kube.printed(), Some("v1.37.0".into()));
        let versions = capabilities.field("APIVersions").unwrap();
        assert_eq!(versions.as_list().unwrap().len(), 57);
        for (name, has) in [("v1", true), ("policy/v1", true), ("v1/Pod", false)] {
            let answer = (HAS.call)(&versions, &[name.into()]).unwrap();
            assert!(matches!(answer, Value::Bool(b) if b == has), "{name}");
        }
    }
}
