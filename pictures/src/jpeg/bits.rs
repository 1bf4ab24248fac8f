//! The coded part of a JPEG: bits, and the Huffman codes in them (ITU T.81, annexes C and F).

/// Codes up to this length are found by one look; few of a photo's are longer.
const QUICK: u32 = 10;

/// What one symbol with its value may take: a code of 16 bits, a value of 15.
const SYMBOL: u32 = 32;

/// The bits of a scan, in order. After its end come zeros, which [`Bits::overran`] tells.
pub(super) struct Bits<'a> {
    coded: &'a [u8],
    at: usize,
    /// The next bits, the first of them highest. Below `count`, either zeros or what is read there next.
    held: u64,
    count: u32,
    /// How many of the bits held are zeros from behind the end.
    beyond: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(coded: &'a [u8]) -> Self {
        Self { coded, at: 0, held: 0, count: 0, beyond: 0 }
    }

    /// Sees to it that the next symbol is held whole.
    #[inline]
    fn fill(&mut self) {
        if self.count >= SYMBOL {
            return;
        }
        if let Some(eight) = self.coded.get(self.at..).and_then(<[u8]>::first_chunk) {
            let eight = u64::from_be_bytes(*eight);
            if !holds_ff(eight) {
                self.held |= eight >> self.count;
                let whole = (63 - self.count) / 8;
                self.at += whole as usize;
                self.count += whole * 8;
                return;
            }
        }
        self.fill_by_byte();
    }

    /// The same where a byte is 0xff, which stands for itself if a zero follows, and begins a marker otherwise.
    fn fill_by_byte(&mut self) {
        while self.count <= 48 {
            let byte = match self.coded.get(self.at..) {
                Some([0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([byte, ..]) if *byte != 0xff => {
                    self.at += 1;
                    *byte
                }
                _ => {
                    self.beyond += 8;
                    0
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    #[inline]
    fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count -= count;
    }

    /// Whether more was read than there is: the scan is cut short.
    pub(super) fn overran(&self) -> bool {
        self.beyond > self.count
    }

    /// Goes on behind the restart marker of this number, 0 to 7, which must come next. None if it doesn't.
    pub(super) fn restart(&mut self, number: u8) -> Option<()> {
        let left = self.count.checked_sub(self.beyond)?;
        let rest = self.coded.get(self.at..)?;
        if left >= 8 || !rest.starts_with(&[0xff, 0xd0 + number]) {
            return None;
        }
        *self = Self { at: self.at + 2, ..Self::new(self.coded) };
        Some(())
    }
}

/// Whether one of the eight bytes is 0xff.
fn holds_ff(eight: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    // A byte's highest bit stays set only where its complement was zero, and borrowed.
    (!eight).wrapping_sub(LOW) & eight & (LOW << 7) != 0
}

/// A table of Huffman codes.
pub(super) struct Codes {
    /// By the next [`QUICK`] bits: the symbol, shifted by eight, and how many bits it takes with its value; 0 if its code is longer.
    quick: Box<[u16; 1 << QUICK]>,
    /// By length: the first number that is no longer a code, and what to add to a code for its symbol's place.
    longer: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Codes {
    /// The table of so many codes of each length from 1 to 16, and their symbols in order. None if it is none.
    pub(super) fn new(lengths: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut quick = Box::new([0; 1 << QUICK]);
        let mut longer = [(0, 0); 17];
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(lengths) {
            longer[length as usize] =
                (code + u32::from(*count), i32::try_from(place).ok()? - i32::try_from(code).ok()?);
            for symbol in symbols.get(place..place + usize::from(*count))? {
                if code >= 1 << length {
                    return None;
                }
                if length <= QUICK {
                    let same = 1 << (QUICK - length);
                    let first = (code << (QUICK - length)) as usize;
                    let takes = length as u16 + u16::from(symbol & 15);
                    quick[first..first + same].fill(u16::from(*symbol) << 8 | takes);
                }
                code += 1;
                place += 1;
            }
            code <<= 1;
        }
        Some(Self { quick, longer, symbols: symbols.to_vec() })
    }

    /// The next symbol, and how many bits it takes with its value, whose length is the lower half of the symbol.
    #[inline]
    fn next(&self, bits: &mut Bits<'_>) -> Option<(u8, u32)> {
        bits.fill();
        match self.quick[(bits.held >> (64 - QUICK)) as usize] {
            0 => self.next_longer(bits),
            found => Some(((found >> 8) as u8, u32::from(found & 0xff))),
        }
    }

    fn next_longer(&self, bits: &Bits<'_>) -> Option<(u8, u32)> {
        (QUICK + 1..=16).find_map(|length| {
            let code = (bits.held >> (64 - length)) as u32;
            let (end, add) = self.longer[length as usize];
            let place = usize::try_from(i32::try_from(code).ok()? + add).ok().filter(|_| code < end)?;
            let symbol = *self.symbols.get(place)?;
            Some((symbol, length + u32::from(symbol & 15)))
        })
    }

    /// The next symbol and the value that follows it.
    #[inline]
    pub(super) fn read(&self, bits: &mut Bits<'_>) -> Option<(u8, i32)> {
        let (symbol, takes) = self.next(bits)?;
        let range = 1_i32 << (symbol & 15);
        let value = (bits.held >> (64 - takes)) as i32 & (range - 1);
        bits.skip(takes);
        // The lower half of a length's numbers stands for the negative ones.
        Some((symbol, if value < range >> 1 { value - range + 1 } else { value }))
    }

    /// The next symbol, past its value.
    #[inline]
    pub(super) fn pass(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let (symbol, takes) = self.next(bits)?;
        bits.skip(takes);
        Some(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code of one bit and a code of three, each with a value.
    fn codes() -> Codes {
        Codes::new(&[1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], &[0x02, 0x13, 0x01]).unwrap()
    }

    #[test]
    fn symbols_come_with_their_values() {
        // 0 10 | 100 011 | 0 01 | 0 11, then ones to the end of the byte.
        let coded = [0b0101_0001, 0b1001_0111];
        let mut bits = Bits::new(&coded);
        let codes = codes();
        assert_eq!(codes.read(&mut bits), Some((0x02, 2)));
        assert_eq!(codes.read(&mut bits), Some((0x13, -4)));
        assert_eq!(codes.pass(&mut bits), Some(0x02));
        assert_eq!(codes.read(&mut bits), Some((0x02, 3)));
        assert!(!bits.overran());
    }

    #[test]
    fn a_code_longer_than_one_look_is_found() {
        // The code of twelve bits is 101000000000, its value 1.
        let mut bits = Bits::new(&[0b1010_0000, 0b0000_1000]);
        assert_eq!(codes().read(&mut bits), Some((0x01, 1)));
        let mut unknown = Bits::new(&[0b1110_0000, 0]);
        assert_eq!(codes().read(&mut unknown), None);
    }

    #[test]
    fn what_is_cut_short_is_told() {
        let codes = codes();
        let mut bits = Bits::new(&[0b0100_1001]);
        for _ in 0..2 {
            codes.pass(&mut bits).unwrap();
        }
        assert!(!bits.overran());
        codes.pass(&mut bits).unwrap();
        assert!(bits.overran());
    }

    #[test]
    fn stuffing_is_left_out_and_a_restart_is_met() {
        let codes = codes();
        // 0xff that stands for itself, then the marker: 100 111 | 1 -> as values of the code of three bits.
        let coded = [0b1001_1111, 0xff, 0x00, 0xff, 0xd3, 0b0101_1111, 1, 2, 3, 4, 5, 6];
        let mut bits = Bits::new(&coded);
        assert_eq!(codes.read(&mut bits), Some((0x13, 7)));
        bits.skip(9);
        assert!(bits.restart(2).is_none());
        bits.restart(3).unwrap();
        assert_eq!(codes.read(&mut bits), Some((0x02, 2)));
    }

    #[test]
    fn tables_of_more_codes_than_fit_are_none() {
        assert!(Codes::new(&[3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[1, 2, 3]).is_none());
        assert!(Codes::new(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[1]).is_none());
    }

    #[test]
    fn ff_is_seen_in_any_place() {
        for place in 0..8 {
            assert!(holds_ff(0xff << (8 * place)));
            assert!(!holds_ff(0xfe << (8 * place)));
        }
        assert!(!holds_ff(0x8000_7f01_80fe_7e00));
    }
}
