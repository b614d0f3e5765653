//! The order in which Helm installs kinds.

use super::Manifest;

/// Helm's InstallOrder; kinds that are not in it come last, alphabetically.
const INSTALL_ORDER: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Sorts by kind; equal kinds keep their order.
pub fn sort(manifests: &mut [Manifest]) {
    manifests.sort_by_cached_key(|m| rank(&m.head.kind));
}

/// The place of a kind in Helm's order, if it is in it.
pub fn position(kind: &str) -> Option<usize> {
    INSTALL_ORDER.iter().position(|known| *known == kind)
}

fn rank(kind: &str) -> (usize, String) {
    match position(kind) {
        Some(position) => (position, String::new()),
        None => (INSTALL_ORDER.len(), kind.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_come_last_and_in_alphabetical_order() {
        let mut kinds = ["Zebra", "Ingress", "", "Service", "Apple", "Namespace"];
        kinds.sort_by_cached_key(|kind| rank(kind));
        assert_eq!(kinds, ["Namespace", "Service", "Ingress", "", "Apple", "Zebra"]);
    }
}
