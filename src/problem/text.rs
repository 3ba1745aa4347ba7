//! The text is no YAML that nest reads.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// The text is no YAML that nest reads.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum TextProblem {
    /// The nest file, or the `.env` beside it, cannot be read. The text after the colon is what the operating
    /// system says.
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(
        code(nest::unreadable_file),
        help("check the path and its permissions, or name another file with `-f`")
    )]
    UnreadableFile {
        /// The file.
        path: String,
        /// What the operating system says.
        reason: String,
    },

    /// The file has more than 16 MiB, or all files of the project together do. Nest files are written by people; one of
    /// this size is almost always another file.
    #[error("`{path}` is too large: all files of a project together may have {limit} bytes")]
    #[diagnostic(
        code(nest::file_too_large),
        help("is it the right file? nest files are text that people write")
    )]
    FileTooLarge {
        /// The file.
        path: String,
        /// The most that is read.
        limit: usize,
    },

    /// The file is not UTF-8. Only UTF-8 is read, with a byte order mark or without.
    #[error("the text is not UTF-8")]
    #[diagnostic(code(nest::invalid_utf8), help("save the file as UTF-8"))]
    InvalidUtf8 {
        /// Before the first wrong byte.
        #[label("after this comes a byte that is no text")]
        at: Span,
    },

    /// The file holds nothing but space and comments, so it declares nothing.
    #[error("the file is empty")]
    #[diagnostic(
        code(nest::empty_file),
        help("a file that works: `environments: {{ sandbox: {{ outer: dind }} }}`")
    )]
    EmptyFile {
        /// The file's start.
        #[label("nothing is declared here")]
        at: Span,
    },

    /// The file holds a list or plain text in place of keys with values. What it holds is not shown: it may be any
    /// file, a private one among them.
    #[error("`{path}` holds {found} instead of keys with values")]
    #[diagnostic(
        code(nest::not_a_mapping),
        help("a nest file starts with keys such as `environments:`; is it the right file?")
    )]
    NotAMapping {
        /// The file.
        path: String,
        /// What it holds.
        found: String,
    },

    /// The text breaks YAML's grammar, most often by indentation, a quote that is not closed, or a value that
    /// begins with a special character. Nothing after that place is read, so further problems may show once it is
    /// mended.
    #[error("invalid YAML: {reason}")]
    #[diagnostic(code(nest::invalid_yaml), help("{hint}"))]
    InvalidYaml {
        /// What the parser says.
        reason: String,
        /// What usually helps.
        hint: String,
        /// Where the parser stopped.
        #[label("reading stopped here")]
        at: Span,
    },

    /// The file holds a second YAML document after a `---` line. A nest file is one document.
    #[error("the file holds more than one YAML document")]
    #[diagnostic(
        code(nest::several_documents),
        help("remove the `---` line, or move what follows it to a file of its own")
    )]
    SeveralDocuments {
        /// Where the second starts.
        #[label("a second document starts here")]
        at: Span,
    },

    /// A key stands twice in one mapping. YAML libraries often keep one of the two without a word; nest keeps none,
    /// since either may be the one you mean.
    #[error("the key `{key}` is set twice")]
    #[diagnostic(code(nest::duplicate_key), help("keep one of the two"))]
    DuplicateKey {
        /// The key.
        key: String,
        /// The first time.
        #[label("first set here")]
        first: Span,
        /// The second time.
        #[label(primary, "set again here")]
        again: Span,
    },

    /// A key is a list or a mapping, which YAML allows and nest does not. Often it is text that begins with a
    /// bracket and lacks its quotes.
    #[error("a key must be one word")]
    #[diagnostic(
        code(nest::key_not_a_word),
        help(
            "write the key as text; put quotes around it if it starts with `[`, `{{`, `*` or `?`"
        )
    )]
    KeyNotAWord {
        /// The key.
        #[label("this is not one word")]
        at: Span,
    },

    /// The merge key `<<` takes over the keys of a mapping, or of several in a list. It was given something that
    /// has no keys.
    #[error("`<<` takes a mapping or a list of mappings")]
    #[diagnostic(
        code(nest::invalid_merge_key),
        help("let it name an anchor that stands before a mapping: `<<: *base`")
    )]
    InvalidMergeKey {
        /// What cannot be merged.
        #[label("there are no keys to take over from this")]
        at: Span,
    },

    /// An alias `*name` names an anchor `&name` that does not stand before it in the file.
    #[error("no anchor `&{name}` stands before the alias `*{name}`")]
    #[diagnostic(code(nest::unknown_anchor), help("{hint}"))]
    UnknownAnchor {
        /// The name.
        name: String,
        /// The nearest name, or what to do.
        hint: String,
        /// The alias.
        #[label("this names nothing")]
        at: Span,
    },

    /// An alias stands inside the very value that it names, so that the value would contain itself.
    #[error("an alias stands inside the value that it names")]
    #[diagnostic(
        code(nest::recursive_alias),
        help("a value cannot contain itself: move the anchor or write the value out")
    )]
    RecursiveAlias {
        /// The alias.
        #[label("this would go on without end")]
        at: Span,
    },

    /// The aliases of the file stand for too many values in all. A few nested aliases can stand for billions of
    /// values; the limit keeps such a file from taking all memory.
    #[error("the file grows too large when its aliases are written out")]
    #[diagnostic(
        code(nest::too_many_aliases),
        help(
            "with aliases written out, {limit} values are the most; use fewer of them, or smaller ones"
        )
    )]
    TooManyAliases {
        /// The most that aliases may stand for.
        limit: usize,
        /// The alias that went past it.
        #[label("the limit is passed here")]
        at: Span,
    },

    /// The files hold more values than people write, in all. The limit keeps a hostile file from taking all memory; a
    /// long text counts as several values.
    #[error("there are too many values")]
    #[diagnostic(
        code(nest::too_many_values),
        help("all files together may have {limit} values; is it the right file?")
    )]
    TooManyValues {
        /// The most.
        limit: usize,
        /// The first value past it.
        #[label("no more is read from here on")]
        at: Span,
    },

    /// Lists and mappings stand too deep in each other. No nest file needs that many levels; the limit keeps a
    /// hostile file from exhausting the stack.
    #[error("values are nested too deep")]
    #[diagnostic(
        code(nest::nested_too_deep),
        help("at most {limit} lists and mappings can stand in each other")
    )]
    NestedTooDeep {
        /// The deepest that is read.
        limit: usize,
        /// Where the limit is passed.
        #[label("too deep from here on")]
        at: Span,
    },

    /// A value has a YAML tag, a word that begins with `!`, that means nothing in nest files.
    #[error("the tag `{tag}` means nothing here")]
    #[diagnostic(
        code(nest::unknown_tag),
        help("remove the tag; to make text of a value, put quotes around it")
    )]
    UnknownTag {
        /// The tag.
        tag: String,
        /// The value.
        #[label("of this value")]
        at: Span,
    },
}
