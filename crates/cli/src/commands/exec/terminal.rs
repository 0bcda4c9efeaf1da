//! Job control: which process group may read from the terminal on stdin.
//!
//! Must not know: reports.

use nix::sys::signal::{SigSet, SigmaskHow, Signal as NixSignal};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process_group, waitid};
use rustix::termios::{isatty, tcgetpgrp, tcsetpgrp};
use std::io::stdin;

/// The terminal on stdin.
pub struct Terminal {
    /// The process group of this process.
    own_group: Pid,
}

impl Terminal {
    /// The terminal on stdin; `None` if stdin is something else.
    pub fn of_stdin() -> Option<Self> {
        let has_terminal = isatty(stdin()) && tcgetpgrp(stdin()).is_ok();
        has_terminal.then(|| Self { own_group: getpgrp() })
    }

    /// Whether this process may read from the terminal.
    pub fn is_ours(&self) -> bool {
        tcgetpgrp(stdin()).is_ok_and(|foreground| foreground == self.own_group)
    }

    /// Lets the group of the command read from the terminal, if this process may.
    pub fn give(&self, command: Pid) {
        if self.is_ours() {
            set_foreground(command);
        }
    }

    /// Takes the terminal back from the group of the command.
    pub fn take_back(&self, command: Pid) {
        // Another group has it if the shell has moved this job to the background.
        if tcgetpgrp(stdin()).is_ok_and(|foreground| foreground == command) {
            set_foreground(self.own_group);
        }
    }

    /// Stops this process like a command that the user has stopped, and returns when it continues. A process group
    /// that no shell controls does not stop.
    pub fn stop_own_group(&self, command: Pid) {
        self.take_back(command);
        let _ = kill_process_group(self.own_group, Signal::TSTP);
    }
}

/// Whether the command was stopped since the last call.
pub fn was_stopped(command: Pid) -> bool {
    let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
    waitid(WaitId::Pid(command), options).is_ok_and(|status| status.is_some_and(|status| status.stopped()))
}

/// The kernel stops a background process that changes the foreground, unless SIGTTOU is blocked.
fn set_foreground(group: Pid) {
    let mut blocked = SigSet::empty();
    blocked.add(NixSignal::SIGTTOU);
    let Ok(before) = blocked.thread_swap_mask(SigmaskHow::SIG_BLOCK) else { return };
    // Fails if the group has ended meanwhile.
    let _ = tcsetpgrp(stdin(), group);
    let _ = before.thread_set_mask();
}
