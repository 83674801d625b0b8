//! Notes: the line over a quotation, `Ana Sol---05/06/2025 14:03:22---Funcionou? …`.

use super::{
    attribution::Evidence,
    lines::{Line, fold},
};

/// Longest date between the dashes, in bytes.
const LONGEST_DATE: usize = 40;

/// Whether a line is one that Notes writes over what it quotes.
pub(super) fn is_head(line: &Line<'_>) -> bool {
    let mut pieces = line.raw.splitn(3, "---");
    let (Some(name), Some(date), Some(_)) = (pieces.next(), pieces.next(), pieces.next()) else {
        return false;
    };
    let digits_first = date.trim_start().starts_with(|c: char| c.is_ascii_digit());
    name.contains(char::is_alphabetic)
        && date.len() <= LONGEST_DATE
        && digits_first
        && Evidence::of(&fold(date)).dated()
}
