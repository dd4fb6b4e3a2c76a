mod colors;
mod transparency;

use crate::users::avatars::thumbnails::*;
use image::{Rgb, RgbImage, Rgba, RgbaImage};
use protocol::error::Code;
use std::time::Instant;

fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Left half red, right half blue, the cropped sides green.
fn flag() -> DynamicImage {
    let color = |x| match x {
        0..100 | 300.. => Rgb([0, 255, 0]),
        100..200 => Rgb([255, 0, 0]),
        _ => Rgb([0, 0, 255]),
    };
    RgbImage::from_fn(400, 200, |x, _| color(x)).into()
}

fn rejection(bytes: &[u8]) -> (Code, String) {
    let started = Instant::now();
    let error = create(bytes).err().unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{error}");
    (error.code, error.detail)
}

fn decoded(thumbnails: &Thumbnails, size: u32) -> RgbImage {
    let (_, picture) = thumbnails.images.iter().find(|(side, _)| *side == size).unwrap();
    image::load_from_memory(&picture.bytes).unwrap().into_rgb8()
}

/// A PNG of these chunks, with checksums.
fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        let sum = [name.as_slice(), data].concat().iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        });
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend(name.iter().chain(data).copied().chain((!sum).to_be_bytes()));
    }
    file
}

fn ihdr_chunk(width: u32, height: u32) -> (&'static [u8; 4], Vec<u8>) {
    (b"IHDR", [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat())
}

/// Compressed zeros: a few thousand times smaller than their output.
fn compressed_zeros(count: usize) -> Vec<u8> {
    let black = RgbImage::new(1024, u32::try_from(count / 3072).unwrap());
    let file = file(&black.into(), ImageFormat::Png);
    let mut rest = &file[8..];
    let mut compressed = Vec::new();
    while rest.len() > 8 {
        let (length, name) = (u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize, &rest[4..8]);
        if name == b"IDAT" {
            compressed.extend(&rest[8..8 + length]);
        }
        rest = &rest[length + 12..];
    }
    compressed
}

#[test]
fn every_format_becomes_square_thumbnails_of_its_centre() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let squares = create(&file(&flag(), format)).unwrap();
        let sizes: Vec<_> = squares.images.iter().map(|(size, _)| *size).collect();
        assert_eq!(sizes, AVATAR_SIZES, "{format:?}");
        for size in sizes {
            let seen = decoded(&squares, size);
            assert_eq!(seen.dimensions(), (size, size), "{format:?}");
            let (left, right) = (seen.get_pixel(size / 8, size / 2).0, seen.get_pixel(size * 7 / 8, size / 2).0);
            assert!(left[0] > 200 && left[1] < 60 && right[2] > 200 && right[1] < 60, "{format:?} {left:?} {right:?}");
        }
    }
}

#[test]
fn small_images_are_enlarged_and_strips_cropped() {
    for (width, height) in [(1, 1), (3, 2000), (16_000, 2)] {
        let thin: DynamicImage = RgbImage::from_pixel(width, height, Rgb([9, 9, 9])).into();
        assert_eq!(decoded(&create(&file(&thin, ImageFormat::Png)).unwrap(), 512).dimensions(), (512, 512));
    }
}

#[test]
fn transparency_is_kept() {
    let glass: DynamicImage = RgbaImage::from_pixel(80, 80, Rgba([200, 0, 0, 100])).into();
    for (_, picture) in create(&file(&glass, ImageFormat::Png)).unwrap().images {
        assert_eq!(picture.media_type, "image/webp");
        assert_eq!(image::load_from_memory(&picture.bytes).unwrap().into_rgba8().get_pixel(3, 3).0[3], 100);
    }
}

#[test]
fn exif_orientation_is_applied_and_metadata_removed() {
    let location = b"GPS 48.2082 16.3738";
    // Orientation 6: the left side belongs on top.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(location);
    let plain = file(&flag(), ImageFormat::Jpeg);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let photograph = [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat();
    let squares = create(&photograph).unwrap();
    let seen = decoded(&squares, 128);
    assert!(seen.get_pixel(64, 10).0[0] > 200 && seen.get_pixel(64, 118).0[2] > 200, "the image was rotated");
    let leaks = |bytes: &[u8]| bytes.windows(4).any(|part| part == b"GPS " || part == b"Exif");
    assert!(squares.images.iter().all(|(_, picture)| !leaks(&picture.bytes)));
}

#[test]
fn the_same_image_has_the_same_hash() {
    let (a, b) = (create(&file(&flag(), ImageFormat::Png)).unwrap(), create(&file(&flag(), ImageFormat::Png)).unwrap());
    assert_eq!((a.hash.len(), &a.hash), (32, &b.hash));
    assert_ne!(create(&file(&flag().fliph(), ImageFormat::Png)).unwrap().hash, a.hash);
}

#[test]
fn decompression_bombs_are_rejected() {
    let body = (b"IDAT", compressed_zeros(3072 * 100));
    for (width, height) in [(50_000, 50_000), (16_000, 16_000), (5_001, 5_000), (u32::MAX, 1), (65_535, 65_535)] {
        let bomb = png(&[ihdr_chunk(width, height), body.clone(), (b"IEND", vec![])]);
        let (code, detail) = rejection(&bomb);
        assert_eq!(code, Code::Invalid, "{width} {detail}");
    }
    let mut gif = file(&flag(), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(rejection(&gif).0, Code::Invalid);
}

/// A grey progressive JPEG with many scans, each of which encodes no change for any block.
fn progressive_jpeg(side: u16, components: u8, scans: usize) -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let frame: Vec<u8> = (1..=components).flat_map(|id| [id, 0x11, 0]).collect();
    let [high, low] = side.to_be_bytes();
    let blocks = usize::from(side).div_ceil(8).pow(2);
    let one_code = |class: u8, symbol: u8| [&[class, 1][..], &[0; 15], &[symbol]].concat();
    let mut file = vec![0xff, 0xd8];
    file.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    file.extend(segment(0xc2, &[&[8, high, low, high, low, components][..], &frame].concat()));
    // Code 0: no difference, or an end-of-band run of 16384 blocks.
    file.extend(segment(0xc4, &one_code(0x00, 0x00)));
    file.extend(segment(0xc4, &one_code(0x10, 0xe0)));
    let tables: Vec<u8> = (1..=components).flat_map(|id| [id, 0]).collect();
    file.extend(segment(0xda, &[&[components][..], &tables, &[0, 0, 0x01]].concat()));
    file.extend(vec![0; (blocks * usize::from(components)).div_ceil(8)]);
    for n in 0..scans {
        let component = u8::try_from(n % usize::from(components) + 1).unwrap();
        file.extend(segment(0xda, &[1, component, 0, 1, 63, 0x10]));
        file.extend(vec![0; (blocks.div_ceil(16_384) * 15).div_ceil(8)]);
    }
    file.extend([0xff, 0xd9]);
    file
}

#[test]
fn progressive_jpegs_with_many_scans_are_bounded_in_time_and_memory() {
    for (side, components, scans_of_it) in [(3_000, 3, 95), (3_000, 4, 95), (3_000, 1, 9)] {
        let started = Instant::now();
        assert_eq!(create(&progressive_jpeg(side, components, scans_of_it)).unwrap().images.len(), AVATAR_SIZES.len());
        assert!(started.elapsed() < DECODE_TIMEOUT, "{:?}", started.elapsed());
    }
    // Every coefficient is stored until the last scan: more memory than for other images.
    for (side, components) in [(3_001, 1), (5_000, 3), (5_000, 4)] {
        let (code, detail) = rejection(&progressive_jpeg(side, components, 9));
        assert!(code == Code::Invalid && detail.contains("pixels"), "{detail}");
    }
    assert_eq!(rejection(&progressive_jpeg(500, 3, 5_000)).0, Code::Invalid);
}

#[test]
fn compressed_metadata_is_not_decompressed() {
    let small = file(&RgbImage::new(8, 8).into(), ImageFormat::Png);
    let many = compressed_zeros(3072 * 40_000);
    for (name, prefix) in [(b"zTXt", &b"Comment\0\0"[..]), (b"iCCP", &b"profile\0\0"[..])] {
        let chunk = png(&[(name, [prefix, &many].concat())]);
        let bomb = [&small[..33], &chunk[8..], &small[33..]].concat();
        let started = Instant::now();
        // Whether it is rejected or ignored, it must cost next to nothing.
        drop(create(&bomb));
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}

#[test]
fn truncated_images_are_rejected() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = file(&flag(), format);
        for part in [whole.len() / 2, whole.len() * 3 / 4, 40] {
            assert_eq!(rejection(&whole[..part]).0, Code::Invalid, "{format:?} {part} of {}", whole.len());
        }
    }
}

#[test]
fn files_that_are_no_images_are_rejected() {
    for text in
        ["<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", "<html>", "MZ", "BM", "%PDF-1.7"]
    {
        assert_eq!(rejection(text.as_bytes()).0, Code::WrongMediaType, "{text}");
    }
    assert_eq!(rejection(b"GIF89a/*<script>alert(1)</script>*/=1;").0, Code::Invalid);
}

#[test]
fn a_script_appended_to_an_image_is_removed() {
    let script = b"<script>alert(document.cookie)</script>";
    for format in [ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::Png] {
        let polyglot = [file(&flag(), format), script.to_vec()].concat();
        let squares = create(&polyglot).unwrap();
        let leaks = |bytes: &[u8]| bytes.windows(script.len()).any(|part| part == script);
        assert!(squares.images.iter().all(|(_, picture)| !leaks(&picture.bytes)), "{format:?}");
    }
}

#[test]
fn the_first_frame_of_a_gif_is_used() {
    let frame = |color: [u8; 4]| image::Frame::new(RgbaImage::from_pixel(60, 60, Rgba(color)));
    let mut file = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(&mut file, 30);
    encoder.encode_frame(frame([255, 0, 0, 255])).unwrap();
    for _ in 0..100 {
        encoder.encode_frame(frame([0, 0, 255, 255])).unwrap();
    }
    drop(encoder);
    let started = Instant::now();
    let first = decoded(&create(&file).unwrap(), 64).get_pixel(32, 32).0;
    assert!(first[0] > 200 && first[2] < 60 && started.elapsed() < Duration::from_secs(3));
}

/// An animated WebP: a red frame, followed by this many blue ones.
fn animated_webp(side: u32, blue: usize) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        [name, &length[..], content, &[0][..content.len() % 2]].concat()
    };
    let less = |number: u32| (number - 1).to_le_bytes()[..3].to_vec();
    let sides = [less(side), less(side)].concat();
    let mut chunks = [chunk(b"VP8X", &[&[0x12, 0, 0, 0][..], &sides].concat()), chunk(b"ANIM", &[0; 6])].concat();
    let frame = |color: [u8; 4], times: usize| {
        let image = file(&RgbaImage::from_pixel(side, side, Rgba(color)).into(), ImageFormat::WebP);
        // After RIFF, its length and WEBP: the only chunk of a still image.
        chunk(b"ANMF", &[&[0; 6][..], &sides, &[40, 0, 0, 2], &image[12..]].concat()).repeat(times)
    };
    chunks.extend(frame([255, 0, 0, 255], 1));
    chunks.extend(frame([0, 0, 255, 255], blue));
    chunk(b"RIFF", &[&b"WEBP"[..], &chunks].concat())
}

#[test]
fn the_first_frame_of_an_animated_webp_is_used_whatever_its_length() {
    for (side, blue) in [(100, 20_000), (4_000, 100)] {
        let film = animated_webp(side, blue);
        let started = Instant::now();
        let first = decoded(&create(&film).unwrap(), 64).get_pixel(32, 32).0;
        assert!(first[0] > 200 && first[2] < 60, "{first:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
    let mut whole = animated_webp(100, 1);
    assert_eq!(rejection(&whole[..60]).0, Code::Invalid);
    // The header claims 16,777,216 pixels per side.
    whole[24..30].copy_from_slice(&[0xff; 6]);
    assert_eq!(rejection(&whole).0, Code::Invalid);
}
