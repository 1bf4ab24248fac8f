//! The sizes avatars come in: a few, so that each is drawn once and not for every number there is.

use crate::error::{Error, Result};

/// In pixels a side.
pub const AVATAR_SIZES: [u32; 12] = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/// Without a wish.
const USUAL: u32 = 256;

/// The size for a wish: the next one there is, so that nothing has to be enlarged. Beyond the largest, that.
///
/// # Errors
/// It is no whole number.
pub fn avatar_size(wish: Option<&str>) -> Result<u32> {
    let Some(wish) = wish else { return Ok(USUAL) };
    let digits = !wish.is_empty() && wish.len() <= 9 && wish.bytes().all(|byte| byte.is_ascii_digit());
    let wish: u32 = wish.parse().ok().filter(|_| digits).ok_or_else(|| {
        let (least, most) = (AVATAR_SIZES[0], AVATAR_SIZES[AVATAR_SIZES.len() - 1]);
        Error::invalid(say!(
            "size is a number of pixels from {least} to {most}.",
            least = least.to_string(),
            most = most.to_string()
        ))
    })?;
    Ok(AVATAR_SIZES.into_iter().find(|size| *size >= wish).unwrap_or(AVATAR_SIZES[AVATAR_SIZES.len() - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_gets_the_next_size_there_is() {
        let size = |wish| avatar_size(Some(wish)).unwrap();
        assert_eq!(avatar_size(None).unwrap(), 256);
        assert_eq!(["0", "16", "17", "80", "200", "1024", "999999999"].map(size), [16, 16, 32, 96, 256, 1024, 1024]);
        for wrong in ["", "-1", "+5", "1e3", "64px", "12.5", "99999999999999"] {
            assert!(avatar_size(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
