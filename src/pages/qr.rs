//! QR codes, drawn as SVG.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
};
use qrcode::{EcLevel, QrCode, render::svg};

use crate::error::{Error, Result};

/// Smallest side of a code as it is drawn, in pixels; it can be shown at any size.
const SIDE: u32 = 320;

/// A code that leads to `address`: black on white with the white margin that cameras need, whatever the page around it
/// looks like.
///
/// # Errors
/// An address too long for a code, which none of ours is.
pub(super) fn svg(address: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(Error::internal)?;
    let mut drawing = code.render::<svg::Color>();
    drawing.quiet_zone(true).min_dimensions(SIDE, SIDE);
    drawing.dark_color(svg::Color("#000")).light_color(svg::Color("#fff"));
    Ok(drawing.build())
}

/// The picture as an answer; as a file of this name, if it is to be kept.
pub(super) fn answer(address: &str, keep_as: Option<&str>) -> Result<HttpResponse> {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("image/svg+xml")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"));
    if let Some(name) = keep_as {
        answer.insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(name.to_owned())],
        });
    }
    Ok(answer.body(svg(address)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_black_on_white_with_a_margin() {
        let drawn = svg("https://headshots.acme.test/organization/join/507f1f77bcf86cd799439015").unwrap();
        assert!(
            drawn.contains("<svg") && drawn.contains("fill=\"#fff\"") && drawn.contains("fill=\"#000\""),
            "{drawn}"
        );
        assert!(!drawn.contains("<script") && !drawn.contains("style="));
        assert_ne!(svg("https://acme.test/a").unwrap(), svg("https://acme.test/b").unwrap());
    }
}
