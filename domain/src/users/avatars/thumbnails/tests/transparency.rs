//! Pictures with an alpha channel.

use super::*;
use image::{GrayImage, Luma};

fn transparent(thumbnails: &Thumbnails) -> Vec<RgbaImage> {
    let pictures = thumbnails.images.iter().map(|(_, picture)| &picture.bytes);
    pictures.map(|bytes| image::load_from_memory(bytes).unwrap().into_rgba8()).collect()
}

/// A disc of this colour, with pixels of another one around it that cannot be seen.
fn disc(side: u32, color: [u8; 3], hidden: [u8; 3]) -> RgbaImage {
    let middle = i64::from(side) / 2;
    RgbaImage::from_fn(side, side, |x, y| {
        let (x, y) = (i64::from(x) - middle, i64::from(y) - middle);
        let inside = (x * x + y * y) * 9 < middle * middle * 4;
        let [red, green, blue] = if inside { color } else { hidden };
        Rgba([red, green, blue, if inside { 255 } else { 0 }])
    })
}

/// Every visible pixel has this colour; the edge is soft, and what is outside it is black.
#[track_caller]
fn assert_colored(file: &[u8], color: [u8; 3], what: &str) {
    for image in transparent(&create(file).unwrap()) {
        for pixel in image.pixels() {
            let [red, green, blue, alpha] = pixel.0;
            let right = if alpha > 0 { color } else { [0; 3] };
            // In 8 bits, the faintest pixels may be another shade, unlike those that anybody can see.
            let tolerance = if alpha > 0 && color != [255; 3] { (255 / alpha).saturating_add(2) } else { 0 };
            let close = |(seen, right): (u8, u8)| seen.abs_diff(right) <= tolerance;
            assert!([red, green, blue].into_iter().zip(right).all(close), "{what} {}: {pixel:?}", image.width());
        }
        let alphas = image.pixels().map(|pixel| pixel.0[3]);
        assert!(alphas.clone().any(|alpha| alpha == 0) && alphas.clone().any(|alpha| alpha == 255), "{what}");
        assert!(alphas.into_iter().any(|alpha| (40..215).contains(&alpha)), "{what}: the edge is hard");
    }
}

#[test]
fn invisible_colors_do_not_bleed_into_visible_ones() {
    for hidden in [[0; 3], [255, 0, 0]] {
        // Enlarged, scaled once and scaled twice.
        for side in [40, 700, 1500] {
            for color in [[255; 3], [120, 60, 30]] {
                let image: DynamicImage = disc(side, color, hidden).into();
                assert_colored(&file(&image, ImageFormat::Png), color, &format!("{side}, {hidden:?}"));
            }
        }
    }
}

#[test]
fn every_kind_of_transparency_is_respected() {
    let white = disc(700, [255; 3], [0; 3]);
    let rgba: DynamicImage = white.clone().into();
    assert_colored(&file(&rgba, ImageFormat::Gif), [255; 3], "GIF");
    assert_colored(&file(&rgba, ImageFormat::WebP), [255; 3], "WebP");
    for (what, image) in [
        ("gray", DynamicImage::from(rgba.to_luma_alpha8())),
        ("gray of 16 bits", rgba.to_luma_alpha16().into()),
        ("16 bits", rgba.to_rgba16().into()),
    ] {
        assert_colored(&file(&image, ImageFormat::Png), [255; 3], what);
    }
    // Without an alpha channel: one value of gray, or one colour of a palette, is transparent.
    let lines: DynamicImage = GrayImage::from_fn(700, 700, |x, y| Luma([white.get_pixel(x, y).0[0]])).into();
    let (gray, length) = (file(&lines, ImageFormat::Png), 33);
    let header = gray[16..29].to_vec();
    let chunks = png(&[(b"tRNS", vec![0, 0])]);
    assert_colored(&[&gray[..length], &chunks[8..], &gray[length..]].concat(), [255; 3], "transparent black");
    let mut palette = vec![0; 765];
    palette.extend([255; 3]);
    let indexed = [&header[..9], &[3][..], &header[10..]].concat();
    let chunks = png(&[(b"IHDR", indexed), (b"PLTE", palette), (b"tRNS", vec![0])]);
    assert_colored(&[&chunks, &gray[length..]].concat(), [255; 3], "palette");
}

#[test]
fn the_color_of_a_translucent_picture_is_kept() {
    for (side, tolerance) in [(64, 0), (1500, 1)] {
        let glass: DynamicImage = RgbaImage::from_pixel(side, side, Rgba([200, 0, 77, 100])).into();
        for image in transparent(&create(&file(&glass, ImageFormat::Png)).unwrap()) {
            let [red, green, blue, alpha] = image.get_pixel(3, 3).0;
            assert!(red.abs_diff(200) <= tolerance && green == 0 && blue.abs_diff(77) <= tolerance && alpha == 100);
        }
    }
}

#[test]
fn edges_have_no_halo() {
    // Scaling sharpens: beside an edge, the alpha would exceed that of an opaque pixel.
    let square: DynamicImage =
        RgbaImage::from_fn(600, 600, |x, _| if x < 300 { Rgba([120, 60, 30, 255]) } else { Rgba([0; 4]) }).into();
    for image in transparent(&create(&file(&square, ImageFormat::Png)).unwrap()) {
        for pixel in image.pixels().filter(|pixel| pixel.0[3] > 100) {
            assert_eq!(pixel.0[..3], [120, 60, 30], "{pixel:?}");
        }
    }
}
