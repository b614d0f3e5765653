//! What tiphys.yaml may say, and what is said of the rest. The shipped schema
//! judges as the reader does.

use super::*;
use crate::chart::{Chart, schema};
use crate::notice::Notices;

const WHOLE: &str = "# all of it\nchart: ../charts/web\nrepo: https://charts.example.com\nversion: 1.2.3\n\
                     releaseName: web\nnamespace: shop\nvalues:\n- base.yaml\n- '{{environment}}/{{region}}.yaml?'\n\
                     environments:\n  eu: {region: eu-west-1}\n  prod:\n    extends: eu\n    tier: gold\n  none:\n\
                     set:\n  image.tag: \"1.10\"\n  replicas: 3\n  args: [a, b]\n";

fn parse(text: &str) -> Result<Config> {
    Config::parse("app/tiphys.yaml", text.as_bytes())
}

#[test]
fn the_whole_file_is_read() {
    let config = parse(WHOLE).unwrap();
    let text = |field: &Option<String>| field.clone().unwrap();
    assert_eq!(
        [&config.chart, &config.repo, &config.version, &config.release_name, &config.namespace].map(text),
        ["../charts/web", "https://charts.example.com", "1.2.3", "web", "shop"]
    );
    let prod = config.variables(Some("prod")).unwrap();
    let expected = [("environment", "prod"), ("region", "eu-west-1"), ("tier", "gold")];
    assert_eq!(prod.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    assert_eq!(config.variables(Some("none")).unwrap().len(), 1);
    let layers = config.layers.unwrap();
    let rendered: Vec<_> = layers.iter().map(|layer| layer.render(&prod).unwrap()).collect();
    assert_eq!(rendered, ["base.yaml", "prod/eu-west-1.yaml"]);
    assert_eq!(
        layers.iter().map(|layer| (layer.optional, layer.line)).collect::<Vec<_>>(),
        [(false, 8), (true, 9)]
    );
    let set: Vec<_> = config.set.iter().map(|set| (set.expression.as_str(), set.line)).collect();
    assert_eq!(set, [(r#"args=["a","b"]"#, 19), (r#"image.tag="1.10""#, 17), ("replicas=3", 18)]);
}

const WRONG: &[(&str, &str)] = &[
    (
        "chart: x\nvalue: []",
        "app/tiphys.yaml:2: there is no key \"value\"\nhint: did you mean \"values\"? There are: chart, repo, version, \
         releaseName, namespace, values, environments, set",
    ),
    ("chart: x\nversion: 1.10", "app/tiphys.yaml:2: version has to be a string\nhint: quote it"),
    ("namespace:", "app/tiphys.yaml:1: namespace has to be a string"),
    ("[]", "app/tiphys.yaml:1: tiphys.yaml has to be a mapping"),
    ("values: a.yaml", "app/tiphys.yaml:1: values has to be a list of paths"),
    ("values:\n- a.yaml\n- {b: c}", "app/tiphys.yaml:3: a layer has to be a path: a string"),
    ("values: ['?']", "app/tiphys.yaml:1: a layer's path has from 1 to 1024 characters"),
    ("environments: [prod]", "app/tiphys.yaml:1: environments has to be a mapping of names to variables"),
    ("environments:\n  prod: x", "app/tiphys.yaml:2: environments.prod has to be a mapping of variables"),
    ("environments:\n  a/b: {}", "app/tiphys.yaml:2: environment \"a/b\" is not a name"),
    (
        "environments:\n  prod:\n    region: 1",
        "app/tiphys.yaml:3: environments.prod.region has to be a string\nhint: quote it",
    ),
    (
        "environments: {prod: {environment: x}}",
        "app/tiphys.yaml:1: environment is the environment's own name and cannot be set",
    ),
    ("set: [a]", "app/tiphys.yaml:1: set has to be a mapping of --set paths to values"),
];

/// What a schema cannot say.
const WRONG_BEYOND_SCHEMA: &[(&str, &str)] = &[
    ("chart: x\nchart: y", "app/tiphys.yaml:2: the key \"chart\" comes twice"),
    ("chart: x\n---\nchart: y", "app/tiphys.yaml: tiphys.yaml has more than one document"),
    ("chart: x\nvalues: [}", "app/tiphys.yaml:2: did not find expected node content"),
    (
        "environments:\n  a: {extends: b}\n  b:\n    extends: a",
        "app/tiphys.yaml:4: an environment extends itself: a → b → a",
    ),
    (
        "environments:\n  dev: {}\n  a: {extends: dve}",
        "app/tiphys.yaml:3: there is no environment \"dve\" to extend\nhint: did you mean \"dev\"? There are: a, dev",
    ),
    (
        "values:\n- 'a/{{> b}}.yaml'",
        "app/tiphys.yaml:2: the layer \"a/{{> b}}.yaml\" uses partials or decorators, which paths cannot have",
    ),
    (
        "values: ['{{#if a}}{{#*inline \"x\"}}{{> x}}{{/inline}}{{/if}}']",
        "app/tiphys.yaml:1: the layer \"{{#if a}}{{#*inline \\\"x\\\"}}{{> x}}{{/inline}}{{/if}}\" uses partials or \
         decorators, which paths cannot have",
    ),
];

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (text, message) in WRONG.iter().chain(WRONG_BEYOND_SCHEMA) {
        assert_eq!(parse(text).unwrap_err().to_string(), *message, "{text}");
    }
    let error = parse("values: ['{{a']").unwrap_err().to_string();
    assert!(error.starts_with("app/tiphys.yaml:1: the layer \"{{a\" is not a handlebars path: "), "{error}");
}

#[test]
fn a_path_of_nothing_but_nesting_ends_in_an_answer() {
    let (open, close) = ("{{#if a}}", "{{/if}}");
    let depth = 1024 / (open.len() + close.len());
    let path = LayerPath::parse(&[open.repeat(depth), close.repeat(depth)].concat(), 1).unwrap();
    assert_eq!(path.render(&[("a".to_owned(), "x".to_owned())].into()).unwrap(), "");
    for text in ["{{a ".to_owned() + &"(".repeat(1000) + "}}", "{{#if ".repeat(170), "{{[".repeat(300)] {
        assert!(LayerPath::parse(&text, 1).is_err());
    }
    let text = ["{{a ", &"(a ".repeat(200), "b", &")".repeat(200), "}}"].concat();
    assert!(LayerPath::parse(&text, 1).unwrap().render(&Variables::new()).is_err());
}

#[test]
fn what_a_file_may_list_is_bounded() {
    let environments = |n: usize| -> String {
        let environment = |i: usize| format!("  e{i}: {{extends: e{}}}\n", i + 1);
        format!("environments:\n{}  e{n}: {{}}\n", (0..n).map(environment).collect::<String>())
    };
    assert!(parse(&environments(31)).is_ok());
    for (text, message) in [
        (environments(32), "app/tiphys.yaml:33: more than 32 environments extend each other"),
        (environments(1000), "app/tiphys.yaml:1: there are more than 1000 environments"),
        (format!("values: [{}]", "a,".repeat(1001)), "app/tiphys.yaml:1: values has more than 1000 layers"),
    ] {
        assert_eq!(parse(&text).unwrap_err().to_string(), message);
    }
}

/// The verdict of the schema that editors use.
fn schema_takes(text: &str) -> bool {
    let schema = include_bytes!("../../../schemas/tiphys.schema.json");
    let chart = Chart { schema: Some(schema.as_slice().into()), ..Chart::default() };
    let document = crate::data::yaml::parse(text.as_bytes(), crate::data::yaml::Numbers::Float64).unwrap();
    let Value::Map(values) = document else { return document.is_nil() };
    schema::validate(&chart, &values, schema::Means::default(), &mut Notices::default()).is_ok()
}

#[test]
fn the_shipped_schema_judges_as_the_reader_does() {
    for text in [WHOLE, "", "values: []", "set: {a: }", "environments: {}"] {
        assert!(parse(text).is_ok() && schema_takes(text), "{text}");
    }
    for (text, _) in WRONG {
        assert!(!schema_takes(text), "{text}");
    }
    let schema = crate::data::json::parse(include_bytes!("../../../schemas/tiphys.schema.json")).unwrap();
    let properties = schema.as_map().unwrap().get("properties").unwrap();
    let mut keys: Vec<String> = properties.as_map().unwrap().keys().iter().map(ToString::to_string).collect();
    let mut known = KEYS.map(str::to_owned);
    keys.sort();
    known.sort();
    assert_eq!(keys, known);
}
