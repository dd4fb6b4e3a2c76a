//! Square thumbnails from an uploaded file. The upload itself is never served: only its visible pixels are used, in
//! sRGB, so that nothing hidden in it (location, a script, a second image) is passed on.

mod color_profile;
mod transparency;

use crate::users::avatars::{invalid_file, thumbnails::color_profile::ToSrgb, unreadable, unsupported_format};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
    imageops::FilterType,
    metadata::Orientation,
};
use protocol::{
    Result,
    error::Error,
    profile::{AVATAR_SIZES, Picture},
};
use sha2::{Digest, Sha256};
use std::{
    io::{self, BufRead, Cursor, Read, Seek, SeekFrom},
    time::{Duration, Instant},
};
use zune_jpeg::{JpegDecoder, zune_core::bytestream::ZCursor};

/// Maximum number of decoded pixels: those of a good phone camera.
const MAX_PIXELS: u64 = 25_000_000;
/// Limit for a progressive JPEG: its decoder keeps two bytes per coefficient beside the pixels until the last scan,
/// which fits into [`MAX_DECODED_BYTES`] even with four colour components. The number of scans is limited to 100 by
/// `zune-jpeg`.
const MAX_PROGRESSIVE_PIXELS: u64 = 9_000_000;
/// Maximum number of pixels per side.
const MAX_SIDE: u32 = 16_384;
/// Maximum bytes of all decoded pixels.
const MAX_DECODED_BYTES: u64 = MAX_PIXELS * 4;
/// Maximum bytes decompressed beside the pixels: colour profiles, text, a part of a GIF.
const MAX_METADATA_BYTES: u64 = 32 * 1024 * 1024;
/// Decoding timeout. A JPEG is read completely before it is decoded, so its decoding time is bounded by its pixels and
/// scans instead.
const DECODE_TIMEOUT: Duration = Duration::from_secs(10);
/// Of 100: no visible loss.
const JPEG_QUALITY: u8 = 85;

/// An image in every size, named by its content hash.
pub struct Thumbnails {
    pub hash: String,
    pub images: Vec<(u32, Picture)>,
}

/// Decodes a file, whatever its name, and creates the thumbnails. Takes up to a few seconds.
pub fn create(bytes: &[u8]) -> Result<Thumbnails> {
    let Square { mut pixels, to_srgb } = decode_square(bytes)?;
    let (mut digest, mut pictures) = (Sha256::new(), Vec::new());
    for size in AVATAR_SIZES {
        pixels = pixels.resize_exact(size, size, FilterType::Lanczos3);
        let mut thumbnail = match &pixels {
            DynamicImage::ImageRgba32F(premultiplied) => transparency::unpremultiply(premultiplied).into(),
            opaque => opaque.clone(),
        };
        if let Some(to_srgb) = &to_srgb {
            to_srgb.convert(&mut thumbnail);
        }
        let picture = encode(&thumbnail).map_err(|_| Error::internal())?;
        digest.update(&picture.bytes);
        pictures.push((size, picture));
    }
    let digest: [u8; 32] = digest.finalize().into();
    let half = u128::from_be_bytes(std::array::from_fn(|n| digest[n]));
    Ok(Thumbnails { hash: format!("{half:032x}"), images: pictures })
}

/// The centre square of an image, upright and not much larger than needed.
struct Square {
    /// Premultiplied if it has an alpha channel; in the colours of the upload.
    pixels: DynamicImage,
    to_srgb: Option<ToSrgb>,
}

fn decode_square(bytes: &[u8]) -> Result<Square> {
    let file = Deadline { file: Cursor::new(bytes), end: Instant::now() + DECODE_TIMEOUT };
    let mut reader = ImageReader::new(file).with_guessed_format().map_err(|_| unreadable())?;
    let supported = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    if !reader.format().is_some_and(|format| supported.contains(&format)) {
        return Err(unsupported_format());
    }
    let mut max_pixels = MAX_PIXELS;
    if reader.format() == Some(ImageFormat::Jpeg) {
        if is_truncated(bytes) {
            return Err(unreadable());
        }
        if is_progressive(bytes) {
            max_pixels = MAX_PROGRESSIVE_PIXELS;
        }
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) =
        (Some(MAX_SIDE), Some(MAX_SIDE), Some(MAX_METADATA_BYTES));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| decode_error(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > max_pixels || decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(too_large());
    }
    if width == 0 || height == 0 {
        return Err(unreadable());
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let to_srgb = profile.and_then(|profile| ToSrgb::read(&profile, decoder.color_type().has_color()));
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| decode_error(&error))?;
    let side = width.min(height);
    let square = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(picture);
    // Fast scaling first, so that the high-quality scaling has less to process.
    let rough = AVATAR_SIZES[0] * 2;
    let mut pixels = if square.has_alpha() {
        transparency::premultiply(square.into_rgba8(), rough)
    } else if side > rough {
        square.thumbnail_exact(rough, rough).into_rgb8().into()
    } else {
        square.into_rgb8().into()
    };
    pixels.apply_orientation(orientation);
    Ok(Square { pixels, to_srgb })
}

/// Whether a JPEG lacks its end marker, which its decoder tolerates. Searched after the start of the first scan: the
/// data of scans never contains the marker's bytes, but what precedes them may, such as an embedded preview.
fn is_truncated(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        if marker == SCAN {
            return !rest.windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        // Any number of `ff` may precede a marker.
        let segment = if marker == 0xff { 1 } else { 2 + usize::from(u16::from_be_bytes([high, low])) };
        rest = rest.get(segment..).unwrap_or_default();
    }
    true
}

/// Whether a JPEG is progressive, by the same test as its decoder.
fn is_progressive(bytes: &[u8]) -> bool {
    let mut decoder = JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().is_ok() && decoder.info().is_some_and(|info| info.sof.is_progressive())
}

fn decode_error(error: &image::ImageError) -> Error {
    match error {
        image::ImageError::Limits(_) => too_large(),
        _ => unreadable(),
    }
}

fn too_large() -> Error {
    invalid_file("This image is too large: at most 25 megapixels, or 9 for a progressive JPEG. Resize or crop it.")
}

/// Photographs are smallest as JPEG, drawings as lossless WebP; only WebP supports transparency.
fn encode(square: &DynamicImage) -> image::ImageResult<Picture> {
    let (width, height, pixels) = (square.width(), square.height(), square.as_bytes());
    let opaque = square.as_rgba8().is_none_or(|image| image.pixels().all(|pixel| pixel.0[3] == u8::MAX));
    let color = if square.has_alpha() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
    let mut bytes = Vec::new();
    WebPEncoder::new_lossless(&mut bytes).write_image(pixels, width, height, color)?;
    let mut picture = Picture { media_type: "image/webp".into(), bytes };
    if opaque {
        let mut bytes = Vec::new();
        let rgb = square.to_rgb8();
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
            &rgb,
            width,
            height,
            ExtendedColorType::Rgb8,
        )?;
        if bytes.len() < picture.bytes.len() {
            picture = Picture { media_type: "image/jpeg".into(), bytes };
        }
    }
    Ok(picture)
}

/// A reader that ends at the deadline, so that the decoder gives up.
struct Deadline<'a> {
    file: Cursor<&'a [u8]>,
    end: Instant,
}

impl Deadline<'_> {
    fn check(&self) -> io::Result<()> {
        if Instant::now() < self.end { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) }
    }
}

impl Read for Deadline<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.file.read(buf)
    }
}

impl BufRead for Deadline<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.file.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
    }
}

impl Seek for Deadline<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}

#[cfg(test)]
mod tests;
