//! Pictures with a colour profile. The expected values are those of Little CMS 2.19.

use super::*;
use image::{GrayImage, Luma, codecs::png::PngEncoder};

type Xyz = [f64; 3];

const DISPLAY_P3: [Xyz; 3] = [[0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407]];
const ADOBE_RGB: [Xyz; 3] = [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]];
const SRGB: [Xyz; 3] = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]];

/// The curve of sRGB and Display P3, as a formula.
const SRGB_CURVE: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45];

fn fixed(number: f64) -> [u8; 4] {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let number = (number * 65_536.0).round() as i32;
    number.to_be_bytes()
}

fn formula(kind: u8, parameters: &[f64]) -> Vec<u8> {
    let parameters: Vec<u8> = parameters.iter().flat_map(|number| fixed(*number)).collect();
    [b"para\0\0\0\0\0", &[kind, 0, 0][..], &parameters].concat()
}

fn points(points: &[u16]) -> Vec<u8> {
    let count = u32::try_from(points.len()).unwrap().to_be_bytes();
    let mut tag = [b"curv\0\0\0\0", &count[..]].concat();
    tag.extend(points.iter().flat_map(|point| point.to_be_bytes()));
    tag.resize(tag.len().next_multiple_of(4), 0);
    tag
}

fn profile(space: [u8; 4], connection: [u8; 4], tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let (mut table, mut contents) = (u32::try_from(tags.len()).unwrap().to_be_bytes().to_vec(), Vec::new());
    for (name, content) in tags {
        let place = u32::try_from(132 + tags.len() * 12 + contents.len()).unwrap();
        table.extend(name.iter().copied().chain(place.to_be_bytes()));
        table.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        contents.extend(content);
    }
    let length = u32::try_from(128 + table.len() + contents.len()).unwrap().to_be_bytes();
    let header = [&length[..], b"\0\0\0\0\x04\0\0\0mntr", &space, &connection, &[0; 12], b"acsp", &[0; 88]].concat();
    [header, table, contents].concat()
}

fn rgb_profile(primaries: [Xyz; 3], curve: &[u8]) -> Vec<u8> {
    let column = |xyz: Xyz| [b"XYZ \0\0\0\0".to_vec(), xyz.map(fixed).concat()].concat();
    let [red, green, blue] = primaries.map(column);
    let curve = || curve.to_vec();
    let tags = [(b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue), (b"rTRC", curve()), (b"gTRC", curve())];
    profile(*b"RGB ", *b"XYZ ", &[&tags[..], &[(b"bTRC", curve())]].concat())
}

fn display_p3() -> Vec<u8> {
    rgb_profile(DISPLAY_P3, &formula(3, &SRGB_CURVE))
}

fn tagged(image: &DynamicImage, format: ImageFormat, profile: Vec<u8>) -> Vec<u8> {
    fn write(mut encoder: impl ImageEncoder, image: &DynamicImage, profile: Vec<u8>) {
        encoder.set_icc_profile(profile).unwrap();
        encoder.write_image(image.as_bytes(), image.width(), image.height(), image.color().into()).unwrap();
    }
    let mut file = Vec::new();
    match format {
        ImageFormat::Jpeg => write(JpegEncoder::new_with_quality(&mut file, 100), image, profile),
        ImageFormat::WebP => write(WebPEncoder::new_lossless(&mut file), image, profile),
        _ => write(PngEncoder::new(&mut file), image, profile),
    }
    file
}

fn plain(side: u32, color: [u8; 3]) -> DynamicImage {
    RgbImage::from_pixel(side, side, Rgb(color)).into()
}

/// What a picture of one colour with this profile looks like in sRGB.
fn seen(color: [u8; 3], profile: Vec<u8>) -> [u8; 3] {
    let file = tagged(&plain(64, color), ImageFormat::Png, profile);
    decoded(&create(&file).unwrap(), 64).get_pixel(30, 30).0
}

#[track_caller]
fn assert_close(seen: [u8; 3], right: [u8; 3], what: &str) {
    let close = seen.iter().zip(right).all(|(seen, right)| seen.abs_diff(right) <= 1);
    assert!(close, "{what}: {seen:?} instead of {right:?}");
}

#[test]
fn display_p3_becomes_srgb_in_every_format_and_size() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        for side in [64, 1500] {
            let squares = create(&tagged(&plain(side, [200, 60, 40]), format, display_p3())).unwrap();
            for size in AVATAR_SIZES {
                let pixel = decoded(&squares, size).get_pixel(size / 2, size / 2).0;
                // A JPEG is decoded to 201, 60, 40.
                assert!(pixel[0].abs_diff(217) <= 2, "{format:?} {pixel:?}");
                assert!(pixel[1].abs_diff(42) <= 2 && pixel[2].abs_diff(23) <= 2, "{format:?} {pixel:?}");
            }
            let leaks = |bytes: &[u8]| bytes.windows(4).any(|part| part == b"acsp");
            assert!(squares.images.iter().all(|(_, picture)| !leaks(&picture.bytes)));
        }
    }
}

#[test]
fn transparent_pictures_are_converted_too() {
    let glass = RgbaImage::from_pixel(64, 64, Rgba([200, 60, 40, 100])).into();
    let squares = create(&tagged(&glass, ImageFormat::Png, display_p3())).unwrap();
    let [red, green, blue, alpha] =
        image::load_from_memory(&squares.images[0].1.bytes).unwrap().into_rgba8().get_pixel(30, 30).0;
    assert_close([red, green, blue], [217, 42, 23], "transparent");
    assert_eq!(alpha, 100);
}

#[test]
fn curves_of_every_kind_are_applied() {
    let squares: Vec<u16> = (0..=64_u32).map(|n| u16::try_from(65_535 * n * n / 4096).unwrap()).collect();
    for (name, primaries, curve, red, green) in [
        ("P3 of gamma 2.2", DISPLAY_P3, points(&[563]), [219, 37, 13], [0, 205, 72]),
        ("Adobe RGB", ADOBE_RGB, points(&[563]), [231, 57, 34], [0, 201, 80]),
        ("linear", DISPLAY_P3, points(&[]), [244, 127, 104], [0, 233, 154]),
        ("points", DISPLAY_P3, points(&squares), [223, 50, 26], [0, 209, 84]),
        ("formula 0", DISPLAY_P3, formula(0, &[563.0 / 256.0]), [219, 37, 13], [0, 205, 72]),
        ("formula 1", DISPLAY_P3, formula(1, &[2.0, 0.9, 0.1]), [228, 77, 59], [0, 215, 105]),
        ("formula 2", DISPLAY_P3, formula(2, &[2.0, 0.9, 0.0, 0.1]), [218, 99, 93], [0, 206, 115]),
        ("formula 4", DISPLAY_P3, formula(4, &[2.0, 0.9, 0.05, 0.5, 0.1, 0.08, 0.02]), [227, 100, 91], [0, 215, 119]),
    ] {
        let to_srgb = ToSrgb::read(&rgb_profile(primaries, &curve), true).unwrap();
        for (color, right) in [([200, 60, 40], red), ([10, 200, 90], green)] {
            let mut image = plain(1, color);
            to_srgb.convert(&mut image);
            assert_close(image.to_rgb8().get_pixel(0, 0).0, right, name);
        }
    }
}

#[test]
fn pictures_in_srgb_are_unchanged() {
    let srgb = ToSrgb::read(&rgb_profile(SRGB, &formula(3, &SRGB_CURVE)), true).unwrap();
    for n in 0..=u8::MAX {
        for color in [[n, n, n], [n, 200, 40], [255, n, 0], [0, 90, n]] {
            let mut image = plain(1, color);
            srgb.convert(&mut image);
            assert_eq!(image.to_rgb8().get_pixel(0, 0).0, color);
        }
    }
}

#[test]
fn gray_profiles_apply_to_gray_pictures_only() {
    let gray = |connection, curve| profile(*b"GRAY", connection, &[(b"kTRC", curve)]);
    for (profile, right) in [
        (gray(*b"XYZ ", formula(0, &[1.0])), 128),
        (gray(*b"XYZ ", points(&[461])), 71),
        (gray(*b"Lab ", points(&[])), 52),
    ] {
        let image = GrayImage::from_pixel(64, 64, Luma([55])).into();
        let squares = create(&tagged(&image, ImageFormat::Png, profile.clone())).unwrap();
        assert_close(decoded(&squares, 64).get_pixel(30, 30).0, [right; 3], "gray");
        assert_eq!(seen([55, 55, 55], profile), [55; 3]);
    }
}

#[test]
fn invalid_and_unsupported_profiles_are_ignored() {
    let whole = display_p3();
    let cut = (0..whole.len()).map(|length| whole[..length].to_vec());
    let broken = (0..whole.len()).map(|place| {
        let mut broken = whole.clone();
        broken[place] = 0xff;
        broken
    });
    for profile in cut.chain(broken) {
        // It must not panic, whatever it says.
        if let Some(to_srgb) = ToSrgb::read(&profile, true) {
            to_srgb.convert(&mut plain(1, [200, 60, 40]));
        }
    }
    for profile in [
        whole[..whole.len() - 1].to_vec(),
        profile(*b"CMYK", *b"Lab ", &[(b"A2B0", vec![0; 64])]),
        profile(*b"RGB ", *b"XYZ ", &[(b"A2B0", vec![0; 64])]),
        rgb_profile(DISPLAY_P3, &[&b"curv\0\0\0\0\xff\xff\xff\xff"[..], &[0; 64]].concat()),
        rgb_profile(DISPLAY_P3, &formula(9, &[1.0; 7])),
    ] {
        assert_eq!(seen([200, 60, 40], profile), [200, 60, 40]);
    }
}
