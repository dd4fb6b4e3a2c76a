//! Conversion from a picture's colour profile (ICC.1:2022) to sRGB, which browsers assume for pictures without one.
//!
//! Supports profiles made of curves and a matrix, as those of cameras, phones and screens, and grey ones. Lookup
//! tables, as for print, are not read: a library for them adds 140 KB (`qcms`) or 440 KB (`moxcms`) to the binary.

use image::DynamicImage;
use std::sync::LazyLock;

const HEADER_BYTES: usize = 128;
/// More tags than any real profile has.
const MAX_TAGS: u32 = 100;

/// From XYZ with the white point D50, which all profiles refer to, to linear sRGB: the inverse of the matrix of the
/// usual sRGB profile, so that pictures with that one stay as they are.
const XYZ_TO_SRGB: [[f64; 3]; 3] = [
    [3.134_112_2, -1.617_392_5, -0.490_633_4],
    [-0.978_787_3, 1.916_279_6, 0.033_454_7],
    [0.071_983_0, -0.228_985_9, 1.405_385_1],
];

/// The linear values between the 256 encoded ones of sRGB.
static SRGB_STEPS: LazyLock<[f64; 255]> = LazyLock::new(|| {
    let mut encoded = 0.5 / 255.0;
    std::array::from_fn(|_| {
        let linear = if encoded <= 0.040_45 { encoded / 12.92 } else { f64::powf((encoded + 0.055) / 1.055, 2.4) };
        encoded += 1.0 / 255.0;
        linear
    })
});

/// A conversion from the colours of a profile to sRGB.
pub struct ToSrgb {
    /// The linear value of every encoded one, by channel.
    curves: [[f64; 256]; 3],
    /// From linear colours to linear sRGB.
    matrix: [[f64; 3]; 3],
}

impl ToSrgb {
    /// Reads a profile; `None` if it is invalid, not supported or not for such a picture.
    pub fn read(profile: &[u8], picture_has_color: bool) -> Option<Self> {
        let part = |offset| bytes::<4>(profile, offset);
        if part(36)? != *b"acsp" {
            return None;
        }
        match (&part(16)?, &part(20)?) {
            (b"RGB ", b"XYZ ") => {
                let curves = [*b"rTRC", *b"gTRC", *b"bTRC"].map(|name| read_curve(tag(profile, name)?));
                let [Some(red), Some(green), Some(blue)] = curves else { return None };
                let columns = [*b"rXYZ", *b"gXYZ", *b"bXYZ"].map(|name| read_xyz(tag(profile, name)?));
                let [Some(r), Some(g), Some(b)] = columns else { return None };
                let product = |row: [f64; 3]| [dot(row, r), dot(row, g), dot(row, b)];
                Some(Self { curves: [red, green, blue], matrix: XYZ_TO_SRGB.map(product) })
            }
            (b"GRAY", space) if !picture_has_color => {
                let mut curve = read_curve(tag(profile, *b"kTRC")?)?;
                if space == b"Lab " {
                    curve = curve.map(lightness_to_linear);
                }
                Some(Self { curves: [curve; 3], matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] })
            }
            _ => None,
        }
    }

    /// Converts a picture of 8 bits per channel.
    pub fn convert(&self, picture: &mut DynamicImage) {
        match picture {
            DynamicImage::ImageRgb8(rgb) => rgb.pixels_mut().for_each(|pixel| self.convert_pixel(&mut pixel.0)),
            DynamicImage::ImageRgba8(rgba) => rgba.pixels_mut().for_each(|pixel| {
                if let Some(rgb) = pixel.0.first_chunk_mut() {
                    self.convert_pixel(rgb);
                }
            }),
            _ => {}
        }
    }

    fn convert_pixel(&self, pixel: &mut [u8; 3]) {
        let linear = std::array::from_fn(|n| self.curves[n][usize::from(pixel[n])]);
        *pixel = self.matrix.map(|row| {
            let value = dot(row, linear);
            u8::try_from(SRGB_STEPS.partition_point(|step| *step <= value)).unwrap_or(u8::MAX)
        });
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// From L*, with 1 for white, to luminance.
fn lightness_to_linear(lightness: f64) -> f64 {
    let lightness = lightness * 100.0;
    if lightness > 8.0 { ((lightness + 16.0) / 116.0).powi(3) } else { lightness * 27.0 / 24_389.0 }
}

/// The content of a tag, and whatever follows it.
fn tag(profile: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let count = u32::from_be_bytes(bytes(profile, HEADER_BYTES)?).min(MAX_TAGS);
    let entries = profile.get(HEADER_BYTES + 4..)?.chunks_exact(12).take(usize::try_from(count).ok()?);
    let entry = entries.into_iter().find(|entry| entry.starts_with(&name))?;
    profile.get(usize::try_from(u32::from_be_bytes(bytes(entry, 4)?)).ok()?..)
}

fn read_xyz(tag: &[u8]) -> Option<[f64; 3]> {
    (bytes(tag, 0)? == *b"XYZ ").then_some([fixed(tag, 8)?, fixed(tag, 12)?, fixed(tag, 16)?])
}

/// A curve of one of both types, for 256 encoded values.
fn read_curve(tag: &[u8]) -> Option<[f64; 256]> {
    match &bytes::<4>(tag, 0)? {
        b"curv" => read_points(tag.get(12..)?, usize::try_from(u32::from_be_bytes(bytes(tag, 8)?)).ok()?),
        b"para" => read_formula(tag.get(12..)?, u16::from_be_bytes(bytes(tag, 8)?)),
        _ => None,
    }
}

/// A curve of points at equal distances; a single one is a gamma, and none means linear.
fn read_points(content: &[u8], count: usize) -> Option<[f64; 256]> {
    let point = |index: usize| bytes(content, index.checked_mul(2)?).map(|value| f64::from(u16::from_be_bytes(value)));
    match count {
        0 => Some(sampled(|x| x)),
        1 => point(0).map(|gamma| sampled(|x| x.powf(gamma / 256.0))),
        _ => {
            let last = count - 1;
            point(last)?;
            let mut curve = [0.0; 256];
            for (n, linear) in curve.iter_mut().enumerate() {
                // In whole numbers, so that the position is exact: index and 255ths between it and the next one.
                let (index, rest) = (n.checked_mul(last)? / 255, n.checked_mul(last)? % 255);
                let (low, high) = (point(index)?, point(index + usize::from(rest > 0))?);
                let part = f64::from(u8::try_from(rest).ok()?) / 255.0;
                *linear = (low + (high - low) * part) / 65_535.0;
            }
            Some(curve)
        }
    }
}

/// A curve of a formula with up to seven parameters, in the order of ICC.1 (parametricCurveType).
fn read_formula(content: &[u8], kind: u16) -> Option<[f64; 256]> {
    let given = [1, 3, 4, 5, 7].get(usize::from(kind)).copied()?;
    let mut values = [0.0; 7];
    for (n, value) in values.iter_mut().take(given).enumerate() {
        *value = fixed(content, n * 4)?;
    }
    let [gamma, a, b, c, d, above, below] = values;
    let power = move |x: f64, a: f64, b: f64| (a * x + b).max(0.0).powf(gamma);
    Some(match kind {
        0 => sampled(|x| power(x, 1.0, 0.0)),
        1 => sampled(|x| if a * x + b >= 0.0 { power(x, a, b) } else { 0.0 }),
        2 => sampled(|x| if a * x + b >= 0.0 { power(x, a, b) + c } else { c }),
        3 => sampled(|x| if x >= d { power(x, a, b) } else { c * x }),
        _ => sampled(|x| if x >= d { power(x, a, b) + above } else { c * x + below }),
    })
}

fn sampled(curve: impl Fn(f64) -> f64) -> [f64; 256] {
    let mut encoded = 0_u8;
    std::array::from_fn(|_| {
        let linear = curve(f64::from(encoded) / 255.0).clamp(0.0, 1.0);
        encoded = encoded.saturating_add(1);
        linear
    })
}

/// A number with 16 bits before and 16 after the point.
fn fixed(content: &[u8], offset: usize) -> Option<f64> {
    bytes(content, offset).map(|value| f64::from(i32::from_be_bytes(value)) / 65_536.0)
}

fn bytes<const N: usize>(content: &[u8], offset: usize) -> Option<[u8; N]> {
    content.get(offset..)?.first_chunk().copied()
}
