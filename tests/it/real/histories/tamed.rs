//! Files made by chance, held to what a real engine can carry out without the world outside.

use crate::histories::file::{Data, Environment, File, IMAGES, Image, ImageSource, VolumeForm};

/// A file that a real engine can carry out, with small machines in mind.
pub(super) fn tamed(file: &File) -> File {
    let mut file = file.clone();
    for volume in file.volumes.iter_mut().flatten() {
        volume.protect = false;
        if !matches!(volume.form, VolumeForm::Labelled(_)) {
            volume.form = VolumeForm::Plain;
        }
    }
    for registry in file.registries.iter_mut().flatten() {
        // One that mirrors ends when its upstream does not answer; a port is taken by other tests.
        registry.mirror = false;
        registry.port = false;
    }
    // Services have tests of their own.
    file.services = [None, None];
    for image in &mut file.images {
        tame_image(image, false);
    }
    let mut environments = file.environments.iter_mut().flatten();
    environments.by_ref().for_each(|environment| {
        tame(environment);
        // Images of engines are large.
        if let Some(deeper) = &mut environment.deeper {
            deeper.deeper = None;
            deeper.dind &= environment.replicas == 1;
        }
    });
    file.environments[2] = None;
    file
}

fn tame(environment: &mut Environment) {
    environment.other_image = false;
    environment.protect = false;
    environment.cpus = environment.cpus.map(|cpus| cpus % 2);
    for image in &mut environment.images {
        tame_image(image, environment.dind);
    }
    if environment.data == Data::Path {
        environment.data = Data::Own;
    }
    if let Some(deeper) = &mut environment.deeper {
        tame(deeper);
        // The first version of control groups lets nothing inside have more than what is around it.
        deeper.cpus = None;
    }
}

/// Switches the store of every engine that is declared.
pub(super) fn keep_images_in_containerd(value: &mut serde_json::Value) {
    if value["mode"] == "dind" {
        value["daemon"]["features"] = serde_json::json!({ "containerd-snapshotter": true });
    }
    for member in value.as_object_mut().into_iter().flatten() {
        keep_images_in_containerd(member.1);
    }
}

fn tame_image(image: &mut Image, has_own_engine: bool) {
    image.name %= 2;
    // There may be no registry out there.
    image.pull = image.pull.filter(|always| !always);
    // Other tests use what the outer engine has, by its names; inside, engines are made from theirs.
    image.alias = image.alias.filter(|_| has_own_engine).map(|_| IMAGES.len());
    if matches!(image.source, ImageSource::Archive(_)) {
        image.source = ImageSource::Auto;
    }
}
