//! What the Pods of an object need before they can start: a service account,
//! configuration, secrets, volumes.

use crate::data::{List, Value};
use crate::manifest::Manifest;

use super::placement::field;

/// An object that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The key that asks for it.
    pub key: &'static str,
}

/// How a container's environment, or a volume, names what it needs: the path to
/// the reference, the key of the name in it, and the kind.
const REFERENCES: [(&[&str], &str, &str, &str); 7] = [
    (&["configMapRef"], "name", "ConfigMap", "configMapRef"),
    (&["secretRef"], "name", "Secret", "secretRef"),
    (&["valueFrom", "configMapKeyRef"], "name", "ConfigMap", "configMapKeyRef"),
    (&["valueFrom", "secretKeyRef"], "name", "Secret", "secretKeyRef"),
    (&["configMap"], "name", "ConfigMap", "configMap"),
    (&["secret"], "secretName", "Secret", "secretName"),
    (&["persistentVolumeClaim"], "claimName", "PersistentVolumeClaim", "claimName"),
];

/// What the object's Pods need to start. A CronJob starts none at a sync.
pub fn of(manifest: &Manifest) -> Vec<Need> {
    let path: &[&str] = match manifest.head.kind.as_str() {
        "Pod" => &["spec"],
        "Job" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => &["spec", "template", "spec"],
        _ => return Vec::new(),
    };
    let Some(pod) = field(manifest.object(), path) else { return Vec::new() };
    let mut needs = Vec::new();
    let account = field(&pod, &["serviceAccountName"]);
    if let Some(name) =
        account.as_ref().and_then(Value::as_str).filter(|name| !matches!(*name, "" | "default"))
    {
        needs.push(Need { kind: "ServiceAccount", name: name.to_owned(), key: "serviceAccountName" });
    }
    let mut references: Vec<Value> = items(&pod, "volumes");
    for container in items(&pod, "initContainers").into_iter().chain(items(&pod, "containers")) {
        references.extend(items(&container, "envFrom"));
        references.extend(items(&container, "env"));
    }
    for reference in references {
        for (path, name_key, kind, key) in REFERENCES {
            let Some(target) = field(&reference, path) else { continue };
            let is_optional = matches!(field(&target, &["optional"]), Some(Value::Bool(true)));
            let name = field(&target, &[name_key]);
            if let (Some(name), false) = (name.as_ref().and_then(Value::as_str), is_optional) {
                let need = Need { kind, name: name.to_owned(), key };
                if !needs.contains(&need) {
                    needs.push(need);
                }
            }
        }
    }
    needs
}

fn items(object: &Value, key: &str) -> Vec<Value> {
    let list = field(object, &[key]);
    list.as_ref().and_then(Value::as_list).map(List::items).unwrap_or_default().to_vec()
}
