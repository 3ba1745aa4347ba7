//! What would help where the plan refuses something.

use crate::mode::Mode;
use crate::plan::refusal::{Refusal, RefusalCause, list};

/// What to say of an engine that nobody will see again.
const GONE: &str = "if it is gone for good with all that it held, say so: `--forget-engine NAME`";

/// What to do with a second name for one engine.
const SAME: &str = "leave `engine` out where it is named, or let the name lead to another engine";

/// What to do where another engine has its name.
const FORMER: &str = "let the name lead to the former one and run `nest down` first";

impl Refusal {
    /// What the user can do.
    pub fn help(&self) -> String {
        match &self.cause {
            RefusalCause::NameTaken { object, name, .. } => {
                let remove = match object.as_str() {
                    "container" => format!("docker rm {name}"),
                    other => format!("docker {other} rm {name}"),
                };
                format!(
                    "nest never touches what it did not make: rename yours, remove it yourself (`{remove}`), or give \
                     the project another name with `name:` or `-p`"
                )
            }
            RefusalCause::FilesMissing { .. } => {
                "make the file readable, or set the variable, that the secret or config comes from; a container with files \
                 of its own cannot be `read_only`"
                    .to_owned()
            }
            RefusalCause::ExternalMissing { object, name } => {
                format!("make it (`docker {object} create {name}`), or drop `external: true` to let nest make one")
            }
            RefusalCause::ImageMissing { image } => {
                format!("build or pull it there (`docker pull {image}`), or use `source: auto`")
            }
            RefusalCause::NeverPulled { image } => {
                format!("build or load it on the outer engine, pull it there yourself (`docker pull {image}`), or remove `never`")
            }
            RefusalCause::OtherPlatform { image, wanted, .. } => format!(
                "make it for that (`docker pull --platform {wanted} {image}`, or a build with this `platform`), or let the engine \
                 pull it: `source: registry`"
            ),
            RefusalCause::ArchiveUnusable { .. } => {
                "make the archive with `docker save -o FILE IMAGE`, or correct its path".to_owned()
            }
            RefusalCause::ContextUnusable { .. } => {
                "correct `context` or `dockerfile`: the one is a folder, the other a file that is seen from it".to_owned()
            }
            RefusalCause::VolumeDataLoss { .. } => {
                "put the old settings back, declare a volume of another name, or let it go with `--allow-data-loss`"
                    .to_owned()
            }
            RefusalCause::Protected { .. } => "remove `protect: true` first if you mean it".to_owned(),
            RefusalCause::OtherFile { .. } => {
                "the project's name is only that of its folder: give each file a `name:` of its own, or use `-p`"
                    .to_owned()
            }
            RefusalCause::DataInUse { container, .. } => format!(
                "two engines on one data root destroy it: stop the container first (`docker stop {container}`), or give the environment data of its own"
            ),
            RefusalCause::RuntimeMissing { runtime, .. } => match Mode::of_runtime(runtime) {
                Some(mode) => mode.without_runtime.to_owned(),
                None => format!(
                    "add `{runtime}` to the `runtimes` of the engine's configuration, or name one that it has"
                ),
            },
            RefusalCause::RuntimeNotUsed { runtime } => {
                let instead = if Mode::of_runtime(runtime).is_some() {
                    "choose mode `dind`, `rootless` or `podman`, which need no runtime"
                } else {
                    "leave `runtime` out, and name it in podman's own `containers.conf`"
                };
                format!("{instead}; or use Docker Engine instead")
            }
            RefusalCause::Paused { name } => format!("let it go on with `docker unpause {name}`"),
            RefusalCause::VolumeInUse { container, .. } => {
                format!("stop and remove the container first (`docker rm -f {container}`)")
            }
            RefusalCause::NetworkInUse { network, container } => format!(
                "take the container off it first (`docker network disconnect {network} {container}`), or stop it"
            ),
            RefusalCause::OlderEngine { .. } => {
                "use an image whose engine is at least as new, give the environment another `data`, or let the data go \
                 with `--allow-data-loss`"
                    .to_owned()
            }
            RefusalCause::OtherMode { .. } => {
                "give the environment another `data` or another name, or let the data go with `--allow-data-loss`".to_owned()
            }
            RefusalCause::UnknownAddress { nearest, .. } => match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`nest plan --format json` tells every address".to_owned(),
            },
            RefusalCause::InsideOfWhole { environment } => {
                format!("take it out of the file and run `nest up`, or name `{environment}`")
            }
            RefusalCause::DriverMissing { drivers, .. } => {
                format!("it has {}; another engine may have more", list(drivers))
            }
            RefusalCause::Device(device) => device.help(),
            RefusalCause::Podman(podman) => podman.help(),
            RefusalCause::NoBuildSession => {
                "build the image by `podman build --secret` and list it, or use Docker Engine as the outer engine"
                    .to_owned()
            }
            RefusalCause::EngineUnread { .. } => format!("make it answer; or, {GONE}"),
            RefusalCause::SameEngine { .. } => SAME.to_owned(),
            RefusalCause::EngineReplaced { .. } => format!("{FORMER}; or, {GONE}"),
            RefusalCause::NotReplaceable { .. } => {
                "name a container, such as `environment.builder`; `--target` takes any address".to_owned()
            }
        }
    }
}
