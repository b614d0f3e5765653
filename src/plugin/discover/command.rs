//! `find.command`: the operator's own command, run in a copy of the repository. An
//! application is ours where it succeeds and prints something. Its process group
//! does not outlive the call.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::error::{Error, Kind, Result};
use crate::repository::checkout::Checkout;

use super::Surroundings;

/// How long nothing is heard before the call is looked at again.
const PATIENCE: Duration = Duration::from_millis(20);
/// What is kept of standard error, for the message of a failure.
const LONGEST_COMPLAINT: usize = 4 << 10;

/// Whether the command, run in the application's directory `app` of the copy,
/// succeeds and prints more than one line's end.
///
/// # Errors
/// It cannot be started, it fails, or the call ends before it does.
pub fn finds(command: &[String], copy: &Checkout, app: &str, with: &Surroundings<'_>) -> Result<bool> {
    let Some((program, args)) = command.split_first() else { return Ok(false) };
    // What no process can have as a variable is not passed on.
    let variables = with
        .env
        .iter()
        .filter(|(name, value)| !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0'));
    let child = Command::new(program)
        .args(args)
        .envs(variables)
        .current_dir(copy.root().join(app))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| failure(program, &format!("cannot be started: {e}")))?;
    let mut running = Running(child);
    let heard = running.listen(with.check)?;
    let status = running.end(with.check)?;
    if !status.success() {
        let complaint = String::from_utf8_lossy(&heard.complaint);
        // The copy's place says nothing to a reader.
        let complaint = complaint.replace(&copy.root().display().to_string(), ".");
        let colon = if complaint.trim().is_empty() { "" } else { ": " };
        return Err(failure(program, &format!("failed: {status}{colon}{}", complaint.trim())));
    }
    Ok(heard.output)
}

fn failure(program: &str, what: &str) -> Error {
    Error::new(Kind::Invalid, format!("the discovery command {program} {what}"))
        .hint("it is spec.discover.find.command of plugin.yaml")
}

/// A command's process group.
struct Running(Child);

/// What a command said.
#[derive(Default)]
struct Heard {
    /// Whether standard output is more than "" and a line's end.
    output: bool,
    /// The beginning of standard error.
    complaint: Vec<u8>,
}

impl Running {
    /// Reads what the command prints until nobody holds its pipes any more.
    fn listen(&mut self, check: &dyn Fn() -> Result<()>) -> Result<Heard> {
        let (mut stdout, mut stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let mut heard = Heard::default();
        let mut seen = 0;
        let mut buffer = vec![0; 8 << 10];
        while stdout.is_some() || stderr.is_some() {
            check()?;
            let (out_ready, err_ready) =
                ready(stdout.as_ref().map(AsFd::as_fd), stderr.as_ref().map(AsFd::as_fd))?;
            if out_ready {
                let read = read(&mut stdout, &mut buffer)?;
                heard.output |= seen + read.len() > 1 || read.first().is_some_and(|byte| *byte != b'\n');
                seen += read.len();
            }
            if err_ready {
                let read = read(&mut stderr, &mut buffer)?;
                let left = LONGEST_COMPLAINT.saturating_sub(heard.complaint.len());
                heard.complaint.extend(read.iter().take(left));
            }
        }
        Ok(heard)
    }

    /// Waits for the command itself; what it left running in its group is killed.
    fn end(mut self, check: &dyn Fn() -> Result<()>) -> Result<ExitStatus> {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // It is left a zombie, so that its number cannot become another group's.
        while waitid(WaitId::Pid(Pid::from_child(&self.0)), ended).map_err(|e| broken(e.into()))?.is_none() {
            check()?;
            std::thread::sleep(PATIENCE);
        }
        self.kill();
        self.0.wait().map_err(broken)
    }

    fn kill(&self) {
        // No such group: everything in it has ended already.
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.kill();
            let _ = self.0.wait();
        }
    }
}

/// Which of the two pipes has something to read or has come to its end.
fn ready(stdout: Option<BorrowedFd<'_>>, stderr: Option<BorrowedFd<'_>>) -> Result<(bool, bool)> {
    let mut pipes: Vec<PollFd<'_>> = [stdout, stderr]
        .into_iter()
        .flatten()
        .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
        .collect();
    let patience = Timespec::try_from(PATIENCE).map_err(|_| Error::new(Kind::Internal, "no such time"))?;
    match poll(&mut pipes, Some(&patience)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(e) => return Err(broken(e.into())),
    }
    let mut ready = pipes.iter().map(|pipe| !pipe.revents().is_empty());
    Ok((stdout.is_some() && ready.next() == Some(true), stderr.is_some() && ready.next() == Some(true)))
}

/// What is there; the pipe is closed at its end.
fn read<'b>(pipe: &mut Option<impl Read>, buffer: &'b mut [u8]) -> Result<&'b [u8]> {
    let count = match pipe.as_mut().map(|pipe| pipe.read(buffer)) {
        Some(Err(e)) if e.kind() == std::io::ErrorKind::Interrupted => return Ok(&[]),
        Some(Err(e)) => return Err(broken(e)),
        Some(Ok(count)) => count,
        None => 0,
    };
    if count == 0 {
        *pipe = None;
    }
    Ok(buffer.get(..count).unwrap_or_default())
}

fn broken(error: std::io::Error) -> Error {
    Error::new(Kind::Io, format!("the discovery command cannot be waited for: {error}"))
}
