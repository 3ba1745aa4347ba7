//! What the README, the book and the examples say is so: files are read, commands are parsed, links lead somewhere.

mod keys;
pub(crate) mod markdown;
mod plans;
pub(crate) mod policy;
mod problems;

use clap::CommandFactory as _;
use clap::Parser as _;
use clap::error::ErrorKind;
use nest::cli::args::Arguments;

use crate::book::markdown::{Block, anchors, blocks, commands, inline_code, links, prose};
use crate::front_end::{read, rendered};
use crate::tree::{TextFile, file, files, package};

/// Everything that is written for users.
fn pages() -> Vec<TextFile> {
    let mut pages = vec![file("README.md"), file("CHANGELOG.md")];
    pages.extend(files("book/src", ".md"));
    pages.extend(files("examples", ".md"));
    pages
}

#[track_caller]
fn check(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn every_nest_file_that_is_shown_can_be_used() {
    let mut violations = Vec::new();
    for page in pages() {
        for block in blocks(&page) {
            let Block { path, line, .. } = block;
            match block.info.as_slice() {
                ["yaml"] => {
                    let read = read(block.text);
                    if read.is_err() {
                        violations.push(format!("{path}:{line}:\n{}", rendered(&read)));
                    }
                }
                ["yaml", "fragment"] => {
                    if let Err(error) = serde_yaml::from_str::<serde_yaml::Value>(&block.text) {
                        violations.push(format!("{path}:{line}: {error}"));
                    }
                }
                ["yaml", ..] => violations.push(format!(
                    "{path}:{line}: say `yaml` for a nest file, `yaml,fragment` for a part of one"
                )),
                ["console" | "text" | "rust" | "json" | "rego" | "dot" | "mermaid"] => {}
                other => {
                    violations.push(format!("{path}:{line}: no test knows `{other:?}` blocks"));
                }
            }
        }
    }
    check(&violations);
}

#[test]
fn every_command_that_is_shown_exists() {
    let mut violations = Vec::new();
    for page in pages() {
        for block in blocks(&page) {
            if block.info != ["console"] {
                continue;
            }
            for command in commands(&block.text) {
                if let Err(reason) = parse(&command) {
                    violations.push(format!("{}:{}: {reason}", block.path, block.line));
                }
            }
        }
    }
    check(&violations);
}

/// Parses a command line as nest would, if it is one of nest's.
fn parse(command: &str) -> Result<(), String> {
    let words = shlex::split(command).ok_or_else(|| format!("`{command}` has an open quote"))?;
    let ends_command = |word: &&String| !["|", "&&", ";", ">", "<"].contains(&word.as_str());
    let words = words
        .iter()
        .skip_while(|word| word.contains('=') && !word.starts_with('-'))
        .take_while(ends_command);
    let words: Vec<&String> = words.collect();
    if words.first().is_none_or(|word| *word != "nest") {
        return Ok(());
    }
    match Arguments::try_parse_from(words) {
        Ok(_) => Ok(()),
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            Ok(())
        }
        Err(error) => Err(format!("`{command}`: {error}")),
    }
}

#[test]
fn every_command_that_is_named_exists() {
    let clap = Arguments::command();
    let mut violations = Vec::new();
    for page in pages() {
        for (line, text) in prose(&page) {
            for code in inline_code(text) {
                let Some(rest) = code.strip_prefix("nest ") else {
                    continue;
                };
                let word = rest.split_whitespace().next().unwrap_or_default();
                if !word.starts_with('-') && clap.find_subcommand(word).is_none() {
                    violations.push(format!("{}:{line}: there is no `nest {word}`", page.path));
                }
            }
        }
    }
    check(&violations);
}

#[test]
fn the_book_describes_every_command_and_option() {
    let page = file("book/src/commands.md");
    let described = |text: String| page.text.contains(&text);
    let mut clap = Arguments::command();
    clap.build();
    let mut violations = Vec::new();
    for command in clap
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        let name = command.get_name();
        if !described(format!("\n## `nest {name}")) {
            violations.push(format!("no heading for `nest {name}`"));
        }
        for argument in command.get_arguments() {
            let Some(long) = argument.get_long() else {
                continue;
            };
            if !described(format!("`--{long}")) && !described(format!(", --{long}")) {
                violations.push(format!("`nest {name}`: nothing on `--{long}`"));
            }
        }
    }
    check(&violations);
}

#[test]
fn every_link_leads_to_something_and_every_page_is_listed() {
    let summary = file("book/src/SUMMARY.md").text;
    let mut violations = Vec::new();
    for page in pages() {
        if let Some(name) = page.path.strip_prefix("book/src/")
            && name != "SUMMARY.md"
            && !summary.contains(&format!("({name})"))
        {
            violations.push(format!("{} is not in SUMMARY.md", page.path));
        }
        for (line, text) in prose(&page) {
            for link in links(text).filter(|link| !link.contains("://")) {
                if let Err(reason) = follow(&page, link) {
                    violations.push(format!("{}:{line}: {reason}", page.path));
                }
            }
        }
    }
    check(&violations);
}

fn follow(page: &TextFile, link: &str) -> Result<(), String> {
    let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if target.is_empty() {
        page.path.clone()
    } else {
        format!("{folder}/{target}")
            .trim_start_matches('/')
            .to_owned()
    };
    if !package().join(&path).exists() {
        return Err(format!("there is no `{path}`"));
    }
    if !anchor.is_empty() && !anchors(&file(&path)).contains(&anchor.to_owned()) {
        return Err(format!("`{path}` has no heading `#{anchor}`"));
    }
    Ok(())
}
