//! Scaling of transparent pictures: colours are multiplied by their alpha meanwhile, so that the invisible colours of
//! transparent pixels do not bleed into their neighbours.

use image::{DynamicImage, Rgba32FImage, RgbaImage};

/// Alpha while scaling, of opaque pixels. Sharpening exceeds the range at edges, and an alpha clipped there would no
/// longer be in proportion to its colours.
const OPAQUE: f32 = 0.5;

/// Multiplies colours by their alpha. A picture that is larger than `max_side` is scaled down to it, by bytes, which
/// need less memory.
pub fn premultiply(mut square: RgbaImage, max_side: u32) -> DynamicImage {
    let large = square.width() > max_side;
    if large {
        for pixel in square.pixels_mut() {
            let [red, green, blue, alpha] = pixel.0;
            if alpha < u8::MAX {
                pixel.0 = [scale(red, alpha), scale(green, alpha), scale(blue, alpha), alpha];
            }
        }
        square = DynamicImage::from(square).thumbnail_exact(max_side, max_side).into_rgba8();
    }
    let mut floats = Rgba32FImage::new(square.width(), square.height());
    for (to, from) in floats.pixels_mut().zip(square.pixels()) {
        let [red, green, blue, alpha] = from.0.map(|byte| f32::from(byte) / 255.0);
        let weight = if large { OPAQUE } else { alpha * OPAQUE };
        to.0 = [red * weight, green * weight, blue * weight, alpha * OPAQUE];
    }
    floats.into()
}

/// Reverses [`premultiply`], in 8 bits per channel. Pixels that are fully transparent are black.
pub fn unpremultiply(floats: &Rgba32FImage) -> RgbaImage {
    let mut square = RgbaImage::new(floats.width(), floats.height());
    for (to, from) in square.pixels_mut().zip(floats.pixels()) {
        let [red, green, blue, alpha] = from.0;
        to.0[3] = byte(alpha / OPAQUE);
        if to.0[3] > 0 {
            to.0 = [byte(red / alpha), byte(green / alpha), byte(blue / alpha), to.0[3]];
        }
    }
    square
}

/// Rounded.
fn scale(color: u8, alpha: u8) -> u8 {
    u8::try_from((u32::from(color) * u32::from(alpha) + 127) / 255).unwrap_or(u8::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as is right here")]
fn byte(part: f32) -> u8 {
    (part * 255.0).round() as u8
}
