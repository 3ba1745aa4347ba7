//! As much of Graphviz's grammar as tells whether a text is a graph, and which (<https://graphviz.org/doc/info/lang.html>).

use std::collections::BTreeMap;

/// A graph as Graphviz would read it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    /// The label of each node.
    pub(crate) nodes: BTreeMap<String, String>,
    pub(crate) edges: Vec<(String, String)>,
    /// The labels of subgraphs.
    pub(crate) clusters: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A name, a number or a text in quotes.
    Id(String),
    Sign(String),
}

/// Reads a graph, or says what is wrong.
pub(crate) fn parse(text: &str) -> Result<Graph, String> {
    let mut reader = Reader {
        tokens: tokens(text)?.into_iter().peekable(),
        graph: Graph::default(),
    };
    reader.word("digraph")?;
    reader.id()?;
    reader.statements()?;
    match reader.tokens.next() {
        None => Ok(reader.graph),
        Some(more) => Err(format!("{more:?} after the end")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(sign) = ["->", "{", "}", "[", "]", ";", ",", "="]
            .into_iter()
            .find(|sign| rest.starts_with(sign))
        {
            tokens.push(Token::Sign(sign.to_owned()));
            rest = &rest[sign.len()..];
        } else if first == '"' {
            let end = end_of_quotes(rest).ok_or_else(|| format!("open quotes: {rest}"))?;
            tokens.push(Token::Id(rest[1..end].replace("\\\"", "\"")));
            rest = &rest[end + 1..];
        } else if first.is_ascii_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            tokens.push(Token::Id(word.to_owned()));
            rest = after;
        } else {
            return Err(format!("what is `{first}` in {rest}"));
        }
    }
}

/// Where quotes end that begin the text: a backslash takes what follows it along.
fn end_of_quotes(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some(at),
            '\\' => drop(characters.next()),
            _ => {}
        }
    }
    None
}

/// A label as it is drawn. A backslash begins a new line or stands for itself, and nothing that Graphviz fills in.
pub(crate) fn drawn(label: &str) -> String {
    let mut drawn = String::new();
    let mut characters = label.chars();
    while let Some(character) = characters.next() {
        drawn.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('\\') => '\\',
                other => panic!("`\\{other:?}` in {label}"),
            },
            other => other,
        });
    }
    drawn
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    graph: Graph,
}

impl Reader {
    fn is(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.peek(), Some(Token::Sign(it)) if it == sign);
        if found {
            self.tokens.next();
        }
        found
    }

    fn sign(&mut self, sign: &str) -> Result<(), String> {
        if self.is(sign) {
            Ok(())
        } else {
            Err(format!("no `{sign}` but {:?}", self.tokens.peek()))
        }
    }

    fn id(&mut self) -> Result<String, String> {
        match self.tokens.next() {
            Some(Token::Id(id)) => Ok(id),
            other => Err(format!("no name but {other:?}")),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        let id = self.id()?;
        if id == word {
            Ok(())
        } else {
            Err(format!("no `{word}` but `{id}`"))
        }
    }

    fn statements(&mut self) -> Result<(), String> {
        self.sign("{")?;
        while !self.is("}") {
            let id = self.id()?;
            if id == "subgraph" {
                self.id()?;
                self.statements()?;
            } else if self.is("=") {
                let value = self.id()?;
                if id == "label" {
                    self.graph.clusters.push(value);
                }
            } else if self.is("->") {
                let to = self.id()?;
                self.graph.edges.push((id, to));
            } else {
                let label = self.attributes()?;
                if id != "node" && self.graph.nodes.insert(id.clone(), label).is_some() {
                    return Err(format!("two nodes `{id}`"));
                }
            }
            self.is(";");
        }
        Ok(())
    }

    /// Attributes in brackets; their label.
    fn attributes(&mut self) -> Result<String, String> {
        self.sign("[")?;
        let mut label = String::new();
        while !self.is("]") {
            let name = self.id()?;
            self.sign("=")?;
            let value = self.id()?;
            if name == "label" {
                label = value;
            }
            self.is(",");
        }
        Ok(label)
    }
}

#[test]
fn what_is_no_graph_is_refused() {
    for wrong in [
        "",
        "digraph a",
        "digraph a { b -> }",
        "digraph \"a\" { \"b\"c\" [] }",
        "digraph \"a\\\" { }",
        "digraph a { b [label] }",
        "digraph a { b [label=c] b [label=d] }",
        "digraph a { b.c [] }",
        "digraph a { } b",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}
