//! The formats that commands print in.

use clap::ValueEnum;

/// A format for problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProblemFormat {
    /// Text with the lines that it is about
    Human,
    /// JSON
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Lines that GitHub's runner shows beside the text
    Github,
}

/// A format for data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// YAML: a nest file
    Yaml,
    /// JSON
    Json,
}

/// A format for plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Text
    Human,
    /// JSON, with the keys of Terraform's plans
    Json,
}

/// A format for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Text
    Human,
    /// JSON
    Json,
}

/// A format for differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// Text
    Human,
    /// JSON, as that of a plan
    Json,
    /// Markdown, for comments on a pull request
    Markdown,
}

/// A format for what an engine can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// Text
    Human,
    /// JSON
    Json,
}

/// A language for graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// That of Graphviz
    Dot,
    /// Mermaid, which GitHub and GitLab draw in Markdown
    Mermaid,
}

/// A format for what happens while a plan is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// Text
    Human,
    /// JSON, one object a line
    Json,
}
