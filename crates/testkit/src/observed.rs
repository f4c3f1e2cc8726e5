//! What those who observe this process are told: the events of `tracing`, and `metrics`, as text.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, Once, PoisonError};

use metrics_exporter_prometheus::PrometheusBuilder;
use tracing::Level;

/// What this thread tells `tracing` meanwhile, in the span of a handshake: a line an event. The time
/// that a handshake took, which is the last of its fields, is cut off.
pub fn events(action: impl FnOnce()) -> Vec<String> {
    listen();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    tracing::subscriber::with_default(subscriber, action);
    let lines = lines.0.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines)
        .lines()
        .filter(|line| line.contains(" handshake"))
        .filter_map(|line| line.split(" duration_ms=").next())
        .map(|line| line.trim().to_owned())
        .collect()
}

/// What this thread tells `metrics` meanwhile, as Prometheus reads it: a line a figure, sorted,
/// without the times themselves.
pub fn figures(action: impl FnOnce()) -> Vec<String> {
    listen();
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, action);
    let text = recorder.handle().render();
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter(|line| !line.contains("quantile=") && !line.contains("_sum"))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// Has somebody listen to all there is, before anything is said: a place that says something in one
/// thread while another begins to listen may be taken for one that nobody listens to, and from then
/// on is silent (tracing-core 0.1.36).
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let everything = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_writer(io::sink)
            .finish();
        // fails only if somebody listens already
        let _ = tracing::subscriber::set_global_default(everything);
    });
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
