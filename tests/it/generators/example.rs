//! The example of a generator in `docs/examples/generator`, run as people run it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use headroom::shoots::State;

use super::{app_with, until};
use crate::studio::{gather, headshots, submit};

struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
async fn the_example_makes_a_shoot() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/generator/server.py");
    let started =
        Command::new("python3").arg(script).args(["--port", "0", "--secret", "s3cret"]).stdout(Stdio::piped()).spawn();
    let Ok(mut example) = started.map(Example) else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let mut line = String::new();
    BufReader::new(example.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    let app = app_with(&[("generator", "http"), ("generator_url", &url), ("generator_secret", "s3cret")]).await;
    assert!(app.page("/app/admin/settings/generator").await.contains("Ready"));
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Ready).await;
    assert_eq!(headshots(&app, &id).len(), 12);
    app.stop().await;
}
