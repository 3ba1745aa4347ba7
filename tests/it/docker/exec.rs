//! Commands for users.

use nest::docker::{ExecOptions, TerminalSize};
use nest::resource::engine_path::EnginePath;

use crate::docker::sandbox::{Sandbox, run};

/// What a command said, and the code that it ended with.
struct Said {
    stdout: String,
    stderr: String,
    code: i64,
}

async fn exec(
    sandbox: &Sandbox,
    container: &str,
    command: &[&str],
    stdin: Option<&[u8]>,
    terminal: Option<TerminalSize>,
) -> Said {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let options = ExecOptions {
        command: command.iter().copied().map(str::to_owned).collect(),
        environment: vec!["WORD=hello".to_owned()],
        working_folder: Some("/etc".to_owned()),
        user: Some("0".to_owned()),
        terminal,
        resizes: None,
        stdin: stdin.map(|bytes| Box::new(bytes) as _),
        stdout: Box::new(&mut stdout),
        stderr: Box::new(&mut stderr),
    };
    let code = sandbox
        .docker
        .exec(&EnginePath::outer(), container, options)
        .await
        .expect("the command runs");
    Said {
        stdout: String::from_utf8(stdout).expect("text"),
        stderr: String::from_utf8(stderr).expect("text"),
        code,
    }
}

#[tokio::test]
async fn a_command_has_its_streams_and_its_code() {
    run("exec", async |sandbox| {
        let name = sandbox.name("box");
        sandbox
            .start(&EnginePath::outer(), sandbox.sleeper(&name))
            .await;

        let script = "echo $WORD; pwd; echo bad >&2; cat; exit 7";
        let said = exec(sandbox, &name, &["sh", "-c", script], Some(b"piped"), None).await;
        assert_eq!(said.stdout, "hello\n/etc\npiped");
        assert_eq!(said.stderr, "bad\n");
        assert_eq!(said.code, 7);

        let size = TerminalSize {
            rows: 33,
            columns: 77,
        };
        let said = exec(sandbox, &name, &["stty", "size"], None, Some(size)).await;
        assert_eq!(said.stdout, "33 77\r\n");
        assert_eq!(said.code, 0);

        let said = exec(sandbox, &name, &["no-such-command"], None, None).await;
        assert!(
            matches!(said.code, 126 | 127),
            "{}: {}",
            said.code,
            said.stdout
        );
        let said = exec(sandbox, &name, &["/etc"], None, None).await;
        assert_eq!(said.code, 126, "{}", said.stdout);

        let bytes = vec![b'x'; 3 << 20];
        let said = exec(sandbox, &name, &["cat"], Some(&bytes), None).await;
        assert_eq!(said.stdout.len(), bytes.len());
    })
    .await;
}
