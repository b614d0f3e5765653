//! `.Files`: the files of a chart that are neither templates nor its metadata
//! (Helm's pkg/engine/files.go).

use std::sync::Arc;

use crate::data::fields::Fields;
use crate::data::glob::Glob;
use crate::data::{List, Map, MapType, Method, Signature, Str, Ty, Value, base64, yaml};

use super::File;

/// What AsConfig and AsSecrets may write, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// `engine.files`
pub static FILES: MapType = MapType {
    name: "engine.files",
    elem: Ty::Bytes,
    methods: &[
        Method { name: "Get", signature: ONE, call: |files, args| content(files, args).map(Value::Str) },
        Method {
            name: "GetBytes",
            signature: ONE,
            call: |files, args| content(files, args).map(Value::Bytes),
        },
        Method { name: "Glob", signature: ONE, call: glob },
        Method { name: "Lines", signature: ONE, call: lines },
        Method { name: "AsConfig", signature: NONE, call: |files, _| by_base_name(files, Str::clone) },
        Method { name: "AsSecrets", signature: NONE, call: |files, _| by_base_name(files, encoded) },
    ],
};

const NONE: Signature = Signature { params: &[], variadic: false };
const ONE: Signature = Signature { params: &[Ty::Str], variadic: false };

/// The map that templates see; it shares the files' bytes, and is made when a template
/// looks into it. A file without its content is nil there, which every method takes for an
/// error; a render in which one could not be read fails in the end.
pub fn to_value(files: &Arc<Vec<File>>) -> Value {
    let files = Arc::clone(files);
    let content = |file: &File| file.data().map_or(Value::Nil, |data| Value::Bytes(data.clone()));
    let entries = move || files.iter().map(|file| (Str::from(file.path.as_str()), content(file))).collect();
    Map::made_later(&FILES, entries).into()
}

fn absent(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    format!("{path} is a large binary file, which is not kept in memory: templates cannot read it")
}

fn argument(args: &[Value]) -> &[u8] {
    args.first().and_then(Value::as_bytes).unwrap_or_default()
}

/// The named file; empty where there is none.
fn content(files: &Value, args: &[Value]) -> Result<Str, String> {
    match files.as_map().and_then(|files| files.get(argument(args))) {
        Some(Value::Bytes(data)) => Ok(data),
        Some(Value::Nil) => Err(absent(argument(args))),
        _ => Ok(Str::default()),
    }
}

/// The files whose path matches; all of them where the pattern is malformed.
fn glob(files: &Value, args: &[Value]) -> Result<Value, String> {
    let pattern = std::str::from_utf8(argument(args)).ok().and_then(Glob::new);
    let matches = |path: &Str| pattern.as_ref().is_none_or(|glob| glob.matches(&path.to_str_lossy()));
    let found = files.as_map().map(|files| {
        files.with(|entries| {
            let found = entries.iter().filter(|(path, _)| matches(path));
            found.map(|(path, data)| (path.clone(), data.clone())).collect::<Fields<_>>()
        })
    });
    Ok(Map::typed(&FILES, found.unwrap_or_default()).into())
}

/// The lines of a file, less one newline at its end.
fn lines(files: &Value, args: &[Value]) -> Result<Value, String> {
    let data = content(files, args)?;
    let text = data.as_bytes();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let lines = text.split(|b| *b == b'\n').filter(|_| !data.is_empty());
    Ok(List::strings(lines).into())
}

fn encoded(data: &Str) -> Str {
    base64::encode(data.as_bytes()).into()
}

/// Base names and contents as YAML; nothing where YAML cannot say it.
fn by_base_name(files: &Value, content: impl Fn(&Str) -> Str) -> Result<Value, String> {
    let entries = files.as_map().map(Map::entries).unwrap_or_default();
    if let Some((path, _)) = entries.iter().find(|(_, data)| matches!(data, Value::Nil)) {
        return Err(absent(path.as_bytes()));
    }
    let texts = entries.into_iter().filter_map(|(path, data)| match data {
        Value::Bytes(data) => {
            let base = path.as_bytes().rsplit(|b| *b == b'/').next().unwrap_or_default();
            Some((Str::from(base), Value::Str(content(&data))))
        }
        _ => None,
    });
    let texts = Map::typed(&crate::data::map::MAP_STRING, texts.collect());
    let text = yaml::write(&texts.into(), MAX_TEXT).unwrap_or_default();
    Ok(Value::str(text.strip_suffix(b"\n").unwrap_or(&text)))
}
