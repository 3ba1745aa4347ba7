//! Images outside engines: what an archive holds, what a build is sent, and what makes two images the same.

pub mod archive;
pub mod content;
pub mod context;
pub mod ignore;
