//! How an archive is compressed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// How an archive is compressed, as its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
}

impl Compression {
    /// Reads the first bytes and goes back to the beginning.
    pub(crate) fn detect(file: &mut File) -> io::Result<Self> {
        let mut magic = Vec::new();
        Read::by_ref(file).take(4).read_to_end(&mut magic)?;
        file.rewind()?;
        Ok(match magic.as_slice() {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
            _ => Compression::Plain,
        })
    }

    /// The file's content, decompressed.
    pub(crate) fn decompress(self, file: File) -> Box<dyn Read> {
        let file = BufReader::with_capacity(1 << 16, file);
        match self {
            Compression::Plain => Box::new(file),
            Compression::Gzip => Box::new(MultiGzDecoder::new(file)),
            Compression::Zstd => Box::new(ZstdFrames::Waiting(file)),
        }
    }
}

/// All frames of a zstd file, one after the other.
enum ZstdFrames {
    /// Before a frame.
    Waiting(BufReader<File>),
    /// In a frame.
    Within(Box<StreamingDecoder<BufReader<File>, ruzstd::decoding::FrameDecoder>>),
    /// After the last frame.
    Done,
}

impl Read for ZstdFrames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            *self = match std::mem::replace(self, ZstdFrames::Done) {
                ZstdFrames::Done => return Ok(0),
                ZstdFrames::Waiting(mut file) => {
                    if file.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let decoder = StreamingDecoder::new(file).map_err(io::Error::other)?;
                    ZstdFrames::Within(Box::new(decoder))
                }
                ZstdFrames::Within(mut decoder) => {
                    let count = decoder.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        *self = ZstdFrames::Within(decoder);
                        return Ok(count);
                    }
                    ZstdFrames::Waiting(decoder.into_inner())
                }
            };
        }
    }
}
