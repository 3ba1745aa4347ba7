//! `nest port` and `nest forward`

use std::net::IpAddr;

use futures_util::StreamExt as _;
use futures_util::stream::{FuturesUnordered, poll_fn, select_all};
use tokio::net::{TcpListener, TcpStream};

use crate::cli::args::{ForwardArguments, Forwarded, PortArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::signals;
use crate::docker::{Docker, ExecOptions, PublishedPort};
use crate::report::failure::with_causes;
use crate::report::words;

/// Joins standard streams to a port, with whatever the container has for that.
const JOIN: &str = r#"
if command -v socat >/dev/null 2>&1; then exec socat STDIO "TCP:127.0.0.1:$1"
elif command -v nc >/dev/null 2>&1; then exec nc 127.0.0.1 "$1"
elif command -v bash >/dev/null 2>&1; then
  exec bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" 4<&0 || exit 1; cat <&4 >&3 & cat <&3; kill $! 2>/dev/null' bash "$1"
else echo "the image has none of socat, nc and bash" >&2; exit 127
fi"#;

/// Says where the ports of a container can be reached.
pub(crate) async fn run(
    arguments: &PortArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let one = named::one(
        &desired,
        (NameOf::Container, &arguments.name),
        arguments.replica,
    )?;
    let published = engine.published_ports(&one.engine, one.container).await;
    let published = published.map_err(|error| one.failed(error))?;
    let address = |port: &PublishedPort| match port.host_address.parse() {
        Ok(IpAddr::V6(address)) => format!("[{address}]:{}", port.host_port),
        _ => format!("{}:{}", words::escaped(&port.host_address), port.host_port),
    };
    let Some((wanted, protocol)) = &arguments.port else {
        for port in &published {
            let protocol = words::escaped(&port.protocol);
            output.data(&format!("{}/{protocol} -> {}\n", port.port, address(port)));
        }
        return Ok(ExitStatus::Success);
    };
    let is_wanted = |port: &&PublishedPort| port.port == *wanted && port.protocol == *protocol;
    let mut found = published.iter().filter(is_wanted).peekable();
    if found.peek().is_none() {
        return Err(CommandError::Usage {
            message: format!("`{}` does not publish port {wanted}/{protocol}", one.name),
            hint: format!("reach it with `nest forward {} {wanted}`", one.name),
        });
    }
    for port in found {
        output.data(&format!("{}\n", address(port)));
    }
    Ok(ExitStatus::Success)
}

/// Joins ports of this machine to ports of a container, until Ctrl-C.
pub(crate) async fn forward(
    arguments: &ForwardArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let one = named::one(
        &desired,
        (NameOf::Container, &arguments.name),
        arguments.replica,
    )?;
    // One that does not run is told at once.
    let found = engine.published_ports(&one.engine, one.container).await;
    found.map_err(|error| one.failed(error))?;
    let mut listeners = Vec::new();
    for Forwarded { local, port } in &arguments.ports {
        let listener = TcpListener::bind((arguments.address, *local)).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|error| CommandError::Usage {
            message: format!("cannot listen at {}:{local}: {error}", arguments.address),
            hint: format!("`0:{port}` takes a free port"),
        })?;
        output.data(&format!("{address} -> {}:{port}\n", one.name));
        listeners.push(poll_fn(move |context| {
            let accepted = listener.poll_accept(context);
            accepted.map(|accepted| Some((*port, accepted.map(|(stream, _)| stream))))
        }));
    }
    let mut accepted = select_all(listeners);
    let mut connections = FuturesUnordered::new();
    let serving = async {
        loop {
            tokio::select! {
                Some((port, stream)) = accepted.next() => match stream {
                    Ok(stream) => connections.push(carry(&engine, &one, port, stream)),
                    Err(error) => output.error(&format!("a connection was lost: {error}")),
                },
                Some(ended) = connections.next() => if let Err(message) = ended {
                    output.error(&message);
                },
            }
        }
    };
    tokio::select! {
        () = serving => {}
        () = signals::asked_to_end() => {}
    }
    Ok(ExitStatus::Success)
}

/// Joins one connection to a port of the container.
async fn carry(
    engine: &Docker,
    one: &Named<'_>,
    port: u16,
    stream: TcpStream,
) -> Result<(), String> {
    let (from_client, to_client) = stream.into_split();
    let mut said = Vec::new();
    let command = ["sh", "-c", JOIN, "sh"].map(str::to_owned).into_iter();
    let options = ExecOptions {
        command: command.chain([port.to_string()]).collect(),
        environment: Vec::new(),
        working_folder: None,
        user: None,
        terminal: None,
        resizes: None,
        stdin: Some(Box::new(from_client)),
        stdout: Box::new(to_client),
        stderr: Box::new(&mut said),
    };
    let ended = engine.exec(&one.engine, one.container, options).await;
    match ended {
        Ok(code) if code != 0 && !said.is_empty() => {
            let said = String::from_utf8_lossy(&said);
            let name = &one.name;
            Err(format!("port {port} of `{name}`: {}", said.trim()))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(with_causes(&error)),
    }
}
