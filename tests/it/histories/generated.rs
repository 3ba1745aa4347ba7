//! Histories made by chance.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::histories::drift::{Drift, Stranger};
use crate::histories::edit::Edit;
use crate::histories::file::{
    Data, Environment, File, Image, ImageSource, Mount, Registry, Seed, Volume, VolumeForm,
};
use crate::histories::history::{Act, History};
use crate::histories::service::{back, service};
use crate::memory::{Fault, FaultKind};

/// A history.
pub(crate) fn history() -> impl Strategy<Value = History> {
    history_of(prop_oneof![5 => act(), 1 => part()])
}

/// A history whose runs are all about the whole project.
pub(crate) fn whole_history() -> impl Strategy<Value = History> {
    history_of(act())
}

fn history_of(act: impl Strategy<Value = Act>) -> impl Strategy<Value = History> {
    (file(), any::<u16>(), vec(act, 1..7)).prop_map(|(file, seed, acts)| History {
        file,
        seed,
        acts,
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => edit().prop_map(Act::Edit),
        3 => drift().prop_map(Act::Drift),
        3 => (faults(), any::<bool>()).prop_map(|(faults, again)| Act::Up { faults, again }),
        1 => (faults(), any::<bool>()).prop_map(|(faults, volumes)| Act::Down { faults, volumes }),
        1 => (faults(), any::<bool>()).prop_map(|(faults, stays)| Act::Neighbour { faults, stays }),
    ]
}

fn part() -> impl Strategy<Value = Act> {
    (
        vec(any::<u8>(), 0..3),
        option::of(any::<u8>()),
        prop::bool::weighted(0.2),
        faults(),
    )
        .prop_filter("the whole is another act", |(targets, replace, down, _)| {
            !targets.is_empty() || replace.is_some() && !down
        })
        .prop_map(|(targets, replace, down, faults)| Act::Part {
            targets,
            replace,
            down,
            faults,
        })
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let kinds = vec![
        FaultKind::Fails,
        FaultKind::Breaks,
        FaultKind::KilledBefore,
        FaultKind::KilledAfter,
        FaultKind::FailsFromHere,
    ];
    let fault = (0..40_usize, select(kinds)).prop_map(|(at, kind)| Fault { at, kind });
    prop_oneof![1 => Just(Vec::new()), 3 => vec(fault, 1..3)]
}

pub(crate) fn file() -> impl Strategy<Value = File> {
    (
        (
            option::of(volume()),
            option::of(volume()),
            option::of(volume()),
        ),
        (option::of(registry()), option::of(registry())),
        vec(image(), 0..2),
        (
            option::of(environment()),
            option::of(environment()),
            option::weighted(0.2, environment()),
        ),
        (option::of(service()), option::weighted(0.3, service())),
        option::of(back()),
    )
        .prop_map(
            |(volumes, registries, images, environments, services, back)| File {
                services: services.into(),
                back,
                volumes: volumes.into(),
                registries: registries.into(),
                images,
                environments: environments.into(),
                archives: 1,
            },
        )
}

fn volume() -> impl Strategy<Value = Volume> {
    let form = prop_oneof![
        4 => Just(VolumeForm::Plain),
        1 => Just(VolumeForm::Named),
        1 => Just(VolumeForm::External),
        1 => (0..2_u8).prop_map(VolumeForm::Labelled),
    ];
    (form, prop::bool::weighted(0.1)).prop_map(|(form, protect)| Volume { form, protect })
}

fn registry() -> impl Strategy<Value = Registry> {
    (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(mirror, port, volume)| {
        Registry {
            mirror,
            port,
            volume,
        }
    })
}

fn image() -> impl Strategy<Value = Image> {
    let source = prop_oneof![
        4 => Just(ImageSource::Auto),
        2 => Just(ImageSource::Outer),
        1 => (0..3_usize).prop_map(ImageSource::Archive),
    ];
    let pull = option::weighted(0.3, prop::bool::weighted(0.7));
    let alias = option::weighted(0.3, 0..7_usize);
    (0..5_usize, source, pull, alias).prop_map(|(name, source, pull, alias)| Image {
        name,
        source,
        pull,
        alias,
    })
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        4 => Just(Data::Own),
        1 => Just(Data::Thrown),
        1 => Just(Data::Volume),
        1 => Just(Data::Path),
        1 => Just(Data::Memory),
    ]
}

fn seed() -> impl Strategy<Value = Option<Seed>> {
    prop_oneof![
        3 => Just(None),
        2 => Just(Some(Seed::Copy)),
        2 => Just(Some(Seed::Link)),
        1 => Just(Some(Seed::None)),
    ]
}

fn mount() -> impl Strategy<Value = Mount> {
    (0..3_usize, any::<bool>(), any::<bool>()).prop_map(|(volume, read_only, inner)| Mount {
        volume,
        read_only,
        inner,
    })
}

fn environment() -> impl Strategy<Value = Environment> {
    flat_environment().prop_recursive(2, 4, 1, |deeper| {
        (flat_environment(), option::weighted(0.4, deeper)).prop_map(|(mut environment, deeper)| {
            environment.deeper = deeper.map(Box::new);
            environment
        })
    })
}

fn flat_environment() -> impl Strategy<Value = Environment> {
    let live = (option::of(0..3_u8), option::of(0..3_u8), 0..4_u8);
    let fixed = (
        prop::bool::weighted(0.75),
        prop::bool::weighted(0.2),
        option::weighted(0.2, 0..2_u8),
    );
    let daemon = (
        option::of(any::<bool>()),
        option::of(select(vec![1300_u16, 1400])),
    );
    let scope = (
        vec(mount(), 0..2),
        any::<[bool; 2]>(),
        vec(image(), 0..3),
        any::<[bool; 2]>(),
    );
    let others = (
        option::of(any::<bool>()),
        option::of(prop::bool::weighted(0.2)),
    );
    let rest = (1..3_u8, others, prop::bool::weighted(0.05));
    (live, fixed, daemon, (data(), seed()), scope, rest).prop_map(
        |(
            (cpus, memory, restart),
            (dind, other_image, variable),
            (debug, mtu),
            (data, seed),
            (mounts, registries, images, volumes),
            (replicas, (waits, job), protect),
        )| Environment {
            dind,
            other_image,
            cpus,
            memory,
            restart,
            variable,
            debug,
            mtu,
            data,
            seed,
            mounts,
            registries,
            images,
            volumes,
            replicas,
            waits,
            job,
            protect,
            deeper: None,
        },
    )
}

pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let place = 0..3_usize;
    prop_oneof![
        1 => (place.clone(), option::of(volume())).prop_map(|(at, to)| Edit::Volume(at, to)),
        1 => (0..2_usize, option::of(registry())).prop_map(|(at, to)| Edit::Registry(at, to)),
        1 => vec(image(), 0..3).prop_map(Edit::Images),
        1 => (1..3_u8).prop_map(Edit::Archives),
        2 => (0..2_usize, option::weighted(0.8, service())).prop_map(|(at, to)| Edit::Service(at, to)),
        1 => option::weighted(0.8, back()).prop_map(Edit::Back),
        2 => (place.clone(), option::of(environment())).prop_map(|(at, to)| Edit::Environment(at, to)),
        // One part of an environment becomes as it is in another.
        6 => (place, 0..17_u8, any::<bool>(), environment())
            .prop_map(|(at, part, deep, like)| Edit::Part { at, part, deep, like }),
    ]
}

pub(crate) fn drift() -> impl Strategy<Value = Drift> {
    let which = any::<u8>();
    prop_oneof![
        which.prop_map(Drift::Stop),
        which.prop_map(Drift::Remove),
        which.prop_map(Drift::Pause),
        (
            which,
            option::of(1..4_i64),
            option::of(1..4_i64),
            option::of(0..3_u8)
        )
            .prop_map(|(which, cpus, memory, restart)| Drift::Update {
                which,
                cpus,
                memory,
                restart
            }),
        (which, which).prop_map(|(which, network)| Drift::Disconnect(which, network)),
        (which, which).prop_map(|(which, network)| Drift::Connect(which, network)),
        Just(Drift::Reboot),
        Just(Drift::PruneNetworks),
        which.prop_map(Drift::RemoveVolume),
        (which, which).prop_map(|(which, image)| Drift::RemoveImage(which, image)),
        (which, which, 0..3_u8).prop_map(|(which, image, build)| Drift::Retag(which, image, build)),
        which.prop_map(Drift::Write),
        which.prop_map(Drift::Relabel),
        (which, stranger()).prop_map(|(which, stranger)| Drift::Stranger(which, stranger)),
        which.prop_map(Drift::StrangerGoes),
        Just(Drift::Wait),
    ]
}

fn stranger() -> impl Strategy<Value = Stranger> {
    let name = 0..12_u8;
    prop_oneof![
        name.clone().prop_map(Stranger::Container),
        name.clone().prop_map(Stranger::Volume),
        name.clone().prop_map(Stranger::Network),
        (0..5_usize).prop_map(Stranger::Image),
        name.prop_map(Stranger::Copy),
    ]
}
