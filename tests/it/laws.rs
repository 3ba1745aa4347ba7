//! Laws of engines: what their operations do and answer, once for the engine in memory and for real ones, so that what
//! tests prove on the first holds for the others.

mod builds;
mod containers;
mod images;
mod inner;
mod names;
mod networks;
mod seeds;
mod subject;
mod volumes;

use nest::engine::Engine;

use crate::laws::subject::Subject;

/// Checks every law on an engine that has the images `alpine:3.20`, `busybox:1.36`, `registry:2` and `docker:dind`.
async fn check<E: Engine>(engine: &E, name: &str) {
    let subject = Subject::new(engine, name);
    match name {
        "volumes" => volumes::check(&subject).await,
        "networks" => networks::check(&subject).await,
        "containers" => containers::check(&subject).await,
        "images" => images::check(&subject).await,
        "names" => names::check(&subject).await,
        "builds" => builds::check(&subject).await,
        "inner" => inner::check(&subject).await,
        "seeds" => seeds::check(&subject).await,
        other => panic!("there are no laws of {other}"),
    }
}

/// The engine in memory.
mod memory {
    use crate::plan::engine;

    macro_rules! laws {
        ($($name:ident),*) => {$(
            #[tokio::test]
            async fn $name() {
                crate::laws::check(&engine(), stringify!($name)).await;
            }
        )*};
    }

    laws!(
        volumes, networks, containers, images, names, builds, inner, seeds
    );
}

/// The engine at `DOCKER_HOST`.
pub(crate) mod real {
    use std::panic::{AssertUnwindSafe, resume_unwind};

    use futures_util::FutureExt as _;

    use nest::docker::Entering;

    use crate::docker::sandbox::connect;
    use crate::laws::subject::Subject;

    macro_rules! laws {
        ($($name:ident),*) => {$(
            #[tokio::test]
            async fn $name() {
                let engine = connect(Entering::Shortest).await;
                let name = stringify!($name);
                Subject::new(&engine, name).clean().await;
                let checked = AssertUnwindSafe(crate::laws::check(&engine, name));
                let outcome = checked.catch_unwind().await;
                Subject::new(&engine, name).clean().await;
                if let Err(panic) = outcome {
                    resume_unwind(panic);
                }
            }
        )*};
    }

    laws!(
        volumes, networks, containers, images, names, builds, inner, seeds
    );
}
