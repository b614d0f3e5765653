//! Compiles proto/ without protoc: the service's code, and the descriptors that
//! server reflection answers with. Links the released program so that it starts fast.

use std::env;
use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=link");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let descriptors = protox::compile(["plugin.proto"], ["proto"])?;
    fs::write(out.join("plugin.bin"), prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure().bytes(".plugin.File.chunk").compile_fds(descriptors)?;
    link_statically(&out.join("static"))
}

/// Loading three shared libraries and relocating a program of ten megabytes takes
/// longer than rendering a small chart. So the released program is linked without
/// either, where the C library's archives are there; elsewhere it is linked as usual.
///
/// The target feature `crt-static` would do the same, but cannot be set for a
/// program alone, and with it no procedural macro can be built. So the linker finds
/// archives under the names of the libraries that rustc asks for.
fn link_statically(directory: &Path) -> Result<(), Box<dyn Error>> {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let native = env::var("HOST")? == env::var("TARGET")?;
    let gnu_linux = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !(native && gnu_linux && is("PROFILE", "release")) {
        return Ok(());
    }
    let needed = [("c", "c"), ("m", "m"), ("gcc_s", "gcc_eh")];
    // A part of libc.a by now, but asked for all the same.
    let optional = ["dl", "pthread", "rt", "util"].map(|name| (name, name));
    let Some(mut archives) = needed.map(archive).into_iter().collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    archives.extend(optional.into_iter().filter_map(archive));
    fs::create_dir_all(directory)?;
    for (name, path) in archives {
        fs::write(directory.join(format!("lib{name}.a")), format!("INPUT({})\n", path.display()))?;
    }
    let mut arguments =
        vec!["-static".to_owned(), "-no-pie".to_owned(), format!("-L{}", directory.display())];
    arguments.extend(wrapped(directory)?);
    for argument in arguments {
        println!("cargo:rustc-link-arg-bin=tiphys={argument}");
    }
    Ok(())
}

/// Has the linker run by link/wrapper.sh, which puts together what a render runs, where
/// the C compiler lets its steps be wrapped.
fn wrapped(directory: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let script = directory.join("wrapper.sh");
    for name in ["wrapper.sh", "order.txt"] {
        fs::copy(Path::new("link").join(name), directory.join(name))?;
    }
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    let wrapper = ["-wrapper".to_owned(), script.display().to_string()];
    let probe = Command::new("cc").args(&wrapper).args(["-E", "-x", "c", "/dev/null"]).output();
    Ok(if probe.is_ok_and(|probe| probe.status.success()) { wrapper.to_vec() } else { Vec::new() })
}

/// The library that rustc asks for, and the archive that the C compiler has for it.
fn archive((name, archive): (&'static str, &str)) -> Option<(&'static str, PathBuf)> {
    let output = Command::new("cc").arg(format!("-print-file-name=lib{archive}.a")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.is_absolute().then_some((name, path))
}
