//! The body of an answer: read, decompressed, and no larger than the client takes.

use crate::call::{
    encoding,
    error::{Error, ErrorKind},
};
use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_LENGTH, HeaderMap};
use std::io::{self, Write};

/// A body as far as it has come.
pub(crate) struct Body {
    most: usize,
    form: Form,
}

enum Form {
    Plain(Vec<u8>),
    Empty,
    /// gzip of any number of members, which is as good as of one.
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Body {
    /// A body that may have `most` bytes.
    pub fn new(headers: &HeaderMap, most: usize) -> Self {
        let form = match encoding::is_gzip(headers) {
            true => Form::Empty,
            false => Form::Plain(Vec::with_capacity(length(headers).min(most))),
        };
        Self { most, form }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        if matches!(self.form, Form::Empty) {
            self.form = Form::Gzip(Box::new(MultiGzDecoder::new(Vec::new())));
        }
        match &mut self.form {
            Form::Gzip(decoder) => {
                // A little at a time, since a little can grow to a thousand times its size.
                for part in chunk.chunks(1024) {
                    decoder.write_all(part).map_err(no_gzip)?;
                    within(self.most, decoder.get_ref().len())?;
                }
            }
            Form::Plain(body) => {
                within(self.most, body.len() + chunk.len())?;
                body.extend_from_slice(chunk);
            }
            Form::Empty => {}
        }
        Ok(())
    }

    /// The end has come.
    pub fn finish(&mut self) -> Result<(), Error> {
        let Form::Gzip(decoder) = &mut self.form else {
            return Ok(());
        };
        decoder.try_finish().map_err(no_gzip)?;
        within(self.most, decoder.get_ref().len())
    }

    /// What has come, whether or not that is all.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.form {
            Form::Plain(body) => body,
            Form::Empty => Vec::new(),
            Form::Gzip(mut decoder) => std::mem::take(decoder.get_mut()),
        }
    }
}

fn within(most: usize, length: usize) -> Result<(), Error> {
    if length > most {
        let detail = format!("more than {most} bytes");
        return Err(Error::new(ErrorKind::TooLarge, detail).maybe_sent());
    }
    Ok(())
}

fn no_gzip(error: io::Error) -> Error {
    let detail = "it is said to be gzip, and is not or not whole";
    Error::new(ErrorKind::Decode, detail)
        .with_source(error)
        .maybe_sent()
}

/// How long the server says that the body will be; 0 where it does not say.
fn length(headers: &HeaderMap) -> usize {
    let length = headers.get(CONTENT_LENGTH).and_then(|l| l.to_str().ok());
    length.and_then(|l| l.parse().ok()).unwrap_or(0)
}
