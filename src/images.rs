//! Images outside engines: what an archive holds, and what makes two images the same.

pub mod archive;
pub mod content;
