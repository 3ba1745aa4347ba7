//! What a container may use.

use indexmap::IndexMap;

use crate::model::container::limit::{
    Limits, Most, ULIMITS, Ulimit, parse_cpuset, parse_nano_cpus,
};
use crate::model::size::parse_size;
use crate::model::validate::Validation;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::problem::{ContainerProblem, ValueProblem};
use crate::source::Span;
use crate::spec::container::ContainerSpec;
use crate::spec::container::limit::{LimitsSpec, ReservationsSpec, UlimitSpec};
use crate::spec::decode::{Field, Spanned, Table};
use crate::spec::text::Text;
use crate::spec::vocabulary::not_supported_yet;

/// The least memory that engines accept as a limit.
const LEAST_MEMORY: i64 = 6 * 1024 * 1024;

/// A number with the place where the file says it.
type Placed<T> = Option<(T, Span)>;

/// How many processors the file gives a container, where it says it in a way that can be read.
pub(in crate::model::validate) fn written_cpus(spec: &ContainerSpec) -> Option<(i64, Span)> {
    let deploy = spec.deploy.value.as_ref();
    let resources = deploy.and_then(|deploy| deploy.resources.value.as_ref());
    let deployed = resources.and_then(|resources| Some(&resources.limits.value.as_ref()?.cpus));
    let text = spec.cpus.get().or_else(|| deployed?.get())?;
    let nano_cpus = parse_nano_cpus(&text.value.0).ok()?;
    Some((nano_cpus, text.span))
}

impl Validation<'_> {
    /// What it may use.
    pub(super) fn limits(&mut self, spec: &ContainerSpec) -> Limits {
        let no_limits = LimitsSpec::default();
        let nothing_kept = ReservationsSpec::default();
        let deploy = spec.deploy.value.as_ref();
        let resources = deploy.and_then(|deploy| deploy.resources.value.as_ref());
        let most = resources.and_then(|resources| resources.limits.value.as_ref());
        let most = most.unwrap_or(&no_limits);
        let kept = resources.and_then(|resources| resources.reservations.value.as_ref());
        let kept = kept.unwrap_or(&nothing_kept);

        if let (Some(first), Some(second)) = (spec.memory.section(), spec.mem_limit.section()) {
            self.conflict("`memory` and `mem_limit`", first, second);
        }
        let memory = self.memory(&spec.memory).or(self.memory(&spec.mem_limit));
        let deployed = self.memory(&most.memory);
        let memory = self.one_of(
            "`memory` and `deploy.resources.limits.memory`",
            memory,
            deployed,
        );
        let nano_cpus = self.cpus(&spec.cpus);
        let deployed = self.cpus(&most.cpus);
        let nano_cpus = self.one_of(
            "`cpus` and `deploy.resources.limits.cpus`",
            nano_cpus,
            deployed,
        );
        self.check_cpus_around(nano_cpus.as_ref());
        let pids = self.count(&spec.pids_limit, "pids_limit");
        let deployed = self.count(&most.pids, "pids");
        let pids = self.one_of(
            "`pids_limit` and `deploy.resources.limits.pids`",
            pids,
            deployed,
        );
        let reservation = self.size(&spec.mem_reservation, parse_size);
        let deployed = self.size(&kept.memory, parse_size);
        let reservation = self.one_of(
            "`mem_reservation` and `deploy.resources.reservations.memory`",
            reservation,
            deployed,
        );
        let swap = self.size(&spec.memswap_limit, Most::parse_size);
        let shm_size = self.size(&spec.shm_size, parse_size);
        let reserved_nano_cpus = self.cpus(&kept.cpus);
        if kept.cpus.value.is_some() {
            let what = "`reservations.cpus`".to_owned();
            self.report(not_supported_yet(what, kept.cpus.span.clone()));
        }
        self.check_memory(memory.as_ref(), reservation.as_ref(), swap.as_ref());
        if let (Some((kept, at)), Some((most, other_at))) = (&reserved_nano_cpus, &nano_cpus)
            && kept > most
        {
            self.contradiction(("reservations.cpus", "above", "cpus"), at, other_at);
        }
        let hint = "write a whole number from 2 to 262144; the default weight is 1024";
        let cpu_shares = self.checked("cpu_shares", &spec.cpu_shares, hint, |text| {
            match text.parse::<i64>() {
                Ok(shares) if shares == 0 || (2..=262_144).contains(&shares) => Ok(shares),
                Ok(_) => Err("it is out of range"),
                Err(_) => Err("it is no whole number"),
            }
        });
        let hint = "write numbers and ranges, counted from 0: `0-3,7`";
        Limits {
            nano_cpus: value(nano_cpus),
            reserved_nano_cpus: value(reserved_nano_cpus),
            cpuset: self.checked("cpuset", &spec.cpuset, hint, parse_cpuset),
            cpu_shares,
            memory: value(memory),
            memory_reservation: value(reservation),
            memory_and_swap: value(swap),
            shm_size: value(shm_size),
            pids: value(pids),
            ulimits: self.ulimits(&spec.ulimits),
        }
    }

    /// Reports more processors than the container around has: with control groups of the first version runc does not start
    /// such a container, and with those of the second it would not get them.
    fn check_cpus_around(&mut self, nano_cpus: Option<&(i64, Span)>) {
        // What is further out has been compared with this one.
        let around = self.engines.iter().rev().find_map(|engine| {
            let container = engine.container.as_ref()?;
            let (most, at) = container.cpus.clone()?;
            Some((format!("{}.outer.cpus", container.name), most, at))
        });
        if let (Some((cpus, at)), Some((other, most, other_at))) = (nano_cpus, around)
            && *cpus > most
        {
            self.contradiction(("cpus", "above", &other), at, &other_at);
        }
    }

    /// One setting that has two keys, as Compose has it: they may not differ.
    fn one_of<T: PartialEq>(&mut self, keys: &str, one: Placed<T>, other: Placed<T>) -> Placed<T> {
        if let (Some((one, first)), Some((other, second))) = (&one, &other)
            && one != other
        {
            self.conflict(keys, first.clone(), second.clone());
        }
        one.or(other)
    }

    fn check_memory(
        &mut self,
        memory: Option<&(i64, Span)>,
        reservation: Option<&(i64, Span)>,
        swap: Option<&(Most, Span)>,
    ) {
        if let (Some((kept, at)), Some((most, other_at))) = (reservation, memory)
            && kept > most
        {
            self.contradiction(("mem_reservation", "above", "memory"), at, other_at);
        }
        match (swap, memory) {
            (Some((swap, at)), Some((most, other_at))) // 0 is as if it were left out.
 if *swap != Most::Of(0) && Most::Of(*most).is_above(*swap) => { self.contradiction(("memswap_limit", "below", "memory"), at, other_at); }
            (Some((Most::Of(bytes @ 1..), at)), None) => {
                let hint = "say how much of it is memory: `memory: 512m`".to_owned();
                let reason = "it is memory and swap together, and `memory` is not said";
                let bytes = bytes.to_string();
                self.refuse("memswap_limit", &bytes, reason, hint, at.clone());
            }
            _ => {}
        }
    }

    fn contradiction(
        &mut self,
        (key, relation, other): (&str, &'static str, &str),
        at: &Span,
        other_at: &Span,
    ) {
        let hint = match relation {
            "above" => format!("lower `{key}`, or raise `{other}`"),
            _ => format!("raise `{key}`, or lower `{other}`"),
        };
        self.report(ContainerProblem::ContradictingLimits {
            key: key.to_owned(),
            relation,
            other: other.to_owned(),
            hint,
            at: at.clone(),
            other_at: other_at.clone(),
        });
    }

    fn cpus(&mut self, cpus: &Field<Text>) -> Placed<i64> {
        let text = cpus.get()?;
        match parse_nano_cpus(&text.value.0) {
            Ok(nano_cpus) => Some((nano_cpus, text.span)),
            Err(reason) => {
                self.report(ValueProblem::InvalidCpus {
                    text: text.value.0.clone(),
                    reason: reason.to_owned(),
                    at: text.span,
                });
                None
            }
        }
    }

    fn memory(&mut self, field: &Field<Text>) -> Placed<i64> {
        self.size(field, |text| match parse_size(text) {
            Ok(bytes) if bytes < LEAST_MEMORY => Err("engines need at least 6 MiB"),
            parsed => parsed,
        })
    }

    fn size<T>(
        &mut self,
        field: &Field<Text>,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Placed<T> {
        let text = field.get()?;
        match parse(&text.value.0) {
            Ok(size) => Some((size, text.span)),
            Err(reason) => {
                self.report(ValueProblem::InvalidSize {
                    text: text.value.0.clone(),
                    reason: reason.to_owned(),
                    at: text.span,
                });
                None
            }
        }
    }

    fn count(&mut self, field: &Field<Text>, key: &str) -> Placed<Most> {
        let hint = "write a whole number, or `-1` for no limit";
        let count = self.checked(key, field, hint, Most::parse_count)?;
        // Engines read 0 as no limit.
        let count = if count == Most::Of(0) {
            Most::Unlimited
        } else {
            count
        };
        Some((count, field.span.clone()))
    }

    /// Limits of processes by name.
    pub(in crate::model::validate) fn ulimits(
        &mut self,
        table: &Field<Table<UlimitSpec>>,
    ) -> IndexMap<String, Ulimit> {
        let mut ulimits = IndexMap::new();
        for entry in table.entries() {
            let name = entry.name.as_str();
            if !ULIMITS.contains(&name) {
                let hint = did_you_mean(name, ULIMITS, || {
                    format!("it takes one of {}", quoted_list(ULIMITS))
                });
                let at = entry.name_span.clone();
                self.refuse("ulimits", name, "Linux has no such limit", hint, at);
                continue;
            }
            let Some(spec) = entry.value.get() else {
                if !entry.value.failed {
                    let hint = format!("write both limits, `{name}: 1024`, or `soft` and `hard`");
                    let what = format!("the limit `{name}`");
                    self.missing(&what, "soft", &hint, entry.name_span.clone());
                }
                continue;
            };
            let hint = "write a whole number, or `-1` for no limit";
            let (soft, hard) = match spec.value {
                UlimitSpec::Scalar(value) => {
                    let text = Spanned {
                        value,
                        span: spec.span,
                    };
                    let both = self.checked_text(name, &text, hint, Most::parse_count);
                    (both, both)
                }
                UlimitSpec::Mapping(each) => {
                    for (key, field) in [("soft", &each.soft), ("hard", &each.hard)] {
                        if field.value.is_none() && !field.failed {
                            let what = format!("the limit `{name}`");
                            let hint = "write both: `{ soft: 1024, hard: 4096 }`";
                            self.missing(&what, key, hint, spec.span.clone());
                        }
                    }
                    let soft = self.checked("soft", &each.soft, hint, Most::parse_count);
                    let hard = self.checked("hard", &each.hard, hint, Most::parse_count);
                    if let (Some(soft), Some(hard)) = (soft, hard)
                        && soft.is_above(hard)
                    {
                        let (at, other_at) = (&each.soft.span, &each.hard.span);
                        self.contradiction(("soft", "above", "hard"), at, other_at);
                    }
                    (soft, hard)
                }
            };
            if let (Some(soft), Some(hard)) = (soft, hard) {
                ulimits.insert(name.to_owned(), Ulimit { soft, hard });
            }
        }
        ulimits
    }
}

fn value<T>(placed: Placed<T>) -> Option<T> {
    placed.map(|(value, _)| value)
}
