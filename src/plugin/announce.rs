//! What Argo CD's UI offers to set: our parameters, with what there is to choose.

use crate::pipeline;
use crate::repository::Tree;

use super::proto::repository::ParameterAnnouncement;

/// The parameters of the application in the directory `app_path`.
pub fn parameters(tree: &dyn Tree, app_path: &str) -> Vec<ParameterAnnouncement> {
    let environments = pipeline::environments(tree, app_path);
    let choice = if environments.is_empty() {
        "no values layers were found".to_owned()
    } else {
        format!("one of {}", environments.join(", "))
    };
    vec![ParameterAnnouncement {
        name: "environment".to_owned(),
        // The UI shows the title and not the tooltip, so the help is here.
        title: format!("environment: the values layer to use ({choice})"),
        tooltip: "values/<environment>.yaml, values-<environment>.yaml or environments/<environment>.yaml"
            .to_owned(),
        ..ParameterAnnouncement::default()
    }]
}
