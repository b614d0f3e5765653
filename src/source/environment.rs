//! The layers of an environment: those of tiphys.yaml, or the one that the
//! conventions give it.

use crate::data::nearest;
use crate::error::{Error, Kind, Result};
use crate::repository::Tree;

use super::files::ValuesFile;
use super::tiphys_yaml::{Config, LayerPath};
use super::{conventions, files};

/// The names of all environments of the application in the directory `app`,
/// sorted; none where its tiphys.yaml cannot be read.
pub fn names(tree: &dyn Tree, app: &str) -> Vec<String> {
    match Config::load(tree, app) {
        Ok(Some(config)) if config.layers.is_some() || !config.environments.is_empty() => {
            config.environment_names(tree, app)
        }
        Ok(_) => conventions::names(tree, app),
        Err(_) => Vec::new(),
    }
}

/// The layers of the application in the directory `app`, lowest first.
///
/// # Errors
/// An environment that there is not, a layer that is not there or cannot be
/// named, a path that leaves the repository.
pub fn layers(
    tree: &dyn Tree,
    app: &str,
    config: &Config,
    environment: Option<&str>,
) -> Result<Vec<ValuesFile>> {
    environment.map(conventions::check_name).transpose()?;
    let variables = config.variables(environment)?;
    let Some(paths) = &config.layers else {
        let layer = environment.map(|name| conventions::layer(tree, app, name));
        return Ok(layer.transpose()?.into_iter().collect());
    };
    if let Some(name) = environment
        && config.environments.is_empty()
        && !paths.iter().any(LayerPath::has_variables)
    {
        let message = format!("environment {name:?} changes nothing: no layer of {} names it", config.file);
        return Err(Error::usage(message).hint("name it in a layer, such as values/{{environment}}.yaml"));
    }
    let mut layers = Vec::new();
    for layer in paths {
        let place = |e: Error| e.at(&config.file, layer.line, 0);
        let name = layer.render(&variables).map_err(place)?;
        let path = files::resolve(app, &name).map_err(place)?;
        if files::is_there(tree, &path).map_err(place)? {
            layers.push(ValuesFile { text: files::read(tree, &path)?, path });
        } else if !layer.optional {
            return Err(place(missing(tree, app, config, environment, &path)));
        }
    }
    Ok(layers)
}

/// The error of a layer that is not there: where the environment is one that no
/// layer knows, that is what is wrong.
fn missing(tree: &dyn Tree, app: &str, config: &Config, environment: Option<&str>, path: &str) -> Error {
    let known = config.environment_names(tree, app);
    match environment.filter(|name| !known.iter().any(|known| known == name)) {
        Some(name) => Error::new(Kind::NotFound, format!("environment {name:?} has no values layer {path}"))
            .hint(nearest::hint(name, known.iter().map(String::as_str))),
        None => files::missing(path).hint("end the layer with a ? where it need not be there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::snapshot::{Node, Snapshot};

    fn tree(files: &[(&str, &str)]) -> Snapshot {
        Snapshot::new(files.iter().map(|(p, text)| ((*p).to_owned(), Node::File((*text).into()))).collect())
    }

    const FILES: &[(&str, &str)] = &[
        ("app/values/base.yaml", ""),
        ("app/values/prod.yaml", ""),
        ("app/values/qa.yaml", ""),
        ("app/values/prod/eu.yaml", ""),
        ("shared/eu.yaml", ""),
    ];

    fn paths(config: &str, environment: Option<&str>) -> Result<Vec<String>> {
        let config = Config::parse("app/tiphys.yaml", config.as_bytes()).unwrap();
        let layers = layers(&tree(FILES), "app", &config, environment)?;
        Ok(layers.into_iter().map(|layer| layer.path).collect())
    }

    const CONFIG: &str = "values:\n- values/base.yaml\n- values/{{environment}}.yaml?\n\
                          - values/{{environment}}/{{region}}.yaml?\n- /shared/{{region}}.yaml\n\
                          environments:\n  eu: {region: eu}\n  prod: {extends: eu}\n  dev: {extends: eu}\n  us: {region: us}\n";

    #[test]
    fn variables_name_the_layers() {
        assert_eq!(
            paths(CONFIG, Some("prod")).unwrap(),
            ["app/values/base.yaml", "app/values/prod.yaml", "app/values/prod/eu.yaml", "shared/eu.yaml"]
        );
        assert_eq!(paths(CONFIG, Some("dev")).unwrap(), ["app/values/base.yaml", "shared/eu.yaml"]);
        assert_eq!(paths("values: []", None).unwrap(), [""; 0]);
        assert_eq!(paths("values: [values/base.yaml]", None).unwrap(), ["app/values/base.yaml"]);
        assert_eq!(paths("chart: x", Some("qa")).unwrap(), ["app/values/qa.yaml"]);
    }

    #[test]
    fn what_is_wrong_names_the_layer_or_the_environment() {
        for (config, environment, message) in [
            (
                CONFIG,
                Some("us"),
                "app/tiphys.yaml:5: shared/us.yaml: no such file in the repository\n\
                 hint: end the layer with a ? where it need not be there",
            ),
            (
                CONFIG,
                Some("prd"),
                "app/tiphys.yaml has no environment \"prd\"\nhint: did you mean \"prod\"? There are: dev, eu, prod, us",
            ),
            (
                CONFIG,
                None,
                "app/tiphys.yaml:3: the layer \"values/{{environment}}.yaml\" names the variable \"environment\", \
                 which is not defined\nhint: no environment is chosen: set the parameter environment",
            ),
            (
                "values: ['values/{{environment}}/{{regoin}}.yaml']\nenvironments: {prod: {region: eu}}",
                Some("prod"),
                "app/tiphys.yaml:1: the layer \"values/{{environment}}/{{regoin}}.yaml\" names the variable \
                 \"regoin\", which is not defined\nhint: did you mean \"region\"? There are: environment, region",
            ),
            (
                "values:\n- values/{{environment}}.yaml",
                Some("prood"),
                "app/tiphys.yaml:2: environment \"prood\" has no values layer app/values/prood.yaml\n\
                 hint: did you mean \"prod\"? There are: base, prod, qa",
            ),
            (
                "values: [values/base.yaml]",
                Some("prod"),
                "environment \"prod\" changes nothing: no layer of app/tiphys.yaml names it\n\
                 hint: name it in a layer, such as values/{{environment}}.yaml",
            ),
            (
                "values: ['../../x.yaml?']",
                None,
                "app/tiphys.yaml:1: ../../x.yaml: lies outside the repository",
            ),
            ("values: [../../x.yaml]", None, "app/tiphys.yaml:1: ../../x.yaml: lies outside the repository"),
            ("values: [a]", Some("../x"), "environment \"../x\" is not a name"),
        ] {
            assert_eq!(paths(config, environment).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn environments_are_found_where_none_are_listed() {
        let names = |config: &str| {
            let mut files = FILES.to_vec();
            files.push(("app/tiphys.yaml", config));
            names(&tree(&files), "app")
        };
        assert_eq!(names(CONFIG), ["dev", "eu", "prod", "us"]);
        assert_eq!(names("values: ['values/{{ environment }}.yaml?']"), ["base", "prod", "qa"]);
        assert_eq!(names("values: ['/app/values/{{environment}}/eu.yaml']"), ["prod"]);
        assert_eq!(names("values: ['/shared/{{region}}.yaml']"), [""; 0]);
        assert_eq!(names("releaseName: x"), ["base", "prod", "qa"]);
        assert_eq!(names("vales: x"), [""; 0]);
    }
}
