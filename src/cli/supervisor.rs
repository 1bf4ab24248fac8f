//! What systemd wants to hear of a service with `Type=notify`: that it is ready, that it is still alive, that it stops.
//! Without systemd there is nobody to tell, and nothing happens. See sd_notify(3).

use std::{
    env,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    time::Duration,
};

/// The one who started this process and watches over it.
pub(super) struct Supervisor {
    line: Option<(UnixDatagram, SocketAddr)>,
    /// It expects a sign of life at least this often.
    patience: Option<Duration>,
}

impl Supervisor {
    /// As the environment names it.
    pub(super) fn of_this_process() -> Self {
        let line = env::var("NOTIFY_SOCKET").ok().and_then(|name| line_to(&name));
        // Set for another process of the unit, it is none of our business.
        let ours = env::var("WATCHDOG_PID").map_or(true, |pid| pid == std::process::id().to_string());
        let patience = env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok()).filter(|_| ours);
        Self { line, patience: patience.map(Duration::from_micros).filter(|span| !span.is_zero()) }
    }

    /// Says it, if anybody listens.
    fn tell(&self, state: &str) {
        if let Some((socket, address)) = &self.line
            && let Err(cause) = socket.send_to_addr(state.as_bytes(), address)
        {
            tracing::warn!(state, %cause, "systemd could not be told");
        }
    }

    /// Connections are accepted.
    pub(super) fn ready(&self) {
        self.tell("READY=1");
    }

    /// The end has begun.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Gives signs of life for as long as this is polled: a runtime that is stuck polls nothing.
    pub(super) async fn live(&self) {
        let Some(patience) = self.patience.filter(|_| self.line.is_some()) else { return std::future::pending().await };
        let mut beats = tokio::time::interval(patience / 2);
        loop {
            beats.tick().await;
            self.tell("WATCHDOG=1");
        }
    }
}

/// A socket and where to send to: a path, or a name in the kernel that begins with `@`.
fn line_to(name: &str) -> Option<(UnixDatagram, SocketAddr)> {
    let address = match name.strip_prefix('@') {
        Some(hidden) => SocketAddr::from_abstract_name(hidden),
        None => SocketAddr::from_pathname(name),
    };
    let socket = UnixDatagram::unbound().ok()?;
    socket.set_nonblocking(true).ok()?;
    Some((socket, address.ok()?))
}
